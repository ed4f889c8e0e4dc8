const bare = /[^",\r\n]*/y;

/**
 * The rows of a CSV one after the other, the header among them, as RFC 4180 has it and no laxer: rows end with CRLF, the last
 * one too, and have as many cells as the first; a cell with a quote, a comma or a line end in it is quoted. Throws an `Error`
 * that names the row where it is not so.
 */
export function* readCsv(text: string): Generator<string[]> {
  let row: string[] = [];
  let rows = 0;
  let width: number | null = null;
  for (let at = 0; at < text.length;) {
    const { cell, end } = text[at] === '"' ? readQuoted(text, at) : readBare(text, at);
    row.push(cell);
    at = end + 1;
    if (text[end] === ',') continue;
    if (!text.startsWith('\r\n', end)) throw faultIn(rows, 'a cell ends neither with a comma nor with CRLF');
    at = end + 2;
    width ??= row.length;
    if (row.length !== width) throw faultIn(rows, 'it has not as many cells as the first');
    rows += 1;
    yield row;
    row = [];
  }
  if (row.length > 0) throw faultIn(rows, 'it has no end');
}

interface Cell {
  cell: string;
  /** Where what follows it begins. */
  end: number;
}

function readBare(text: string, at: number): Cell {
  bare.lastIndex = at;
  const [cell = ''] = bare.exec(text) ?? [];
  return { cell, end: at + cell.length };
}

/** An unended one ends with the text, where no comma and no CRLF follows. */
function readQuoted(text: string, at: number): Cell {
  let end = text.indexOf('"', at + 1);
  while (end !== -1 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
  if (end === -1) return { cell: '', end: text.length };
  return { cell: text.slice(at + 1, end).replaceAll('""', '"'), end: end + 1 };
}

function faultIn(rows: number, what: string): Error {
  return new Error(`expected CSV as RFC 4180 has it, got row ${rows + 1} of which ${what}`);
}
