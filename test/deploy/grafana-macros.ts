/** What Grafana puts into a query before it sends it. */
export interface Asking {
  from: Date;
  to: Date;
  /** The length of a point of time on the screen, as Grafana writes it: `1d`, `6h`. */
  interval: string;
  /** What is chosen in the variables of the dashboard. */
  chosen: Readonly<Record<string, readonly string[]>>;
}

/** A query as Grafana's data source for PostgreSQL sends it. Throws for a variable or a macro that it does not know. */
export function writeOut(query: string, asking: Asking): string {
  return writeMacros(writeVariables(query, asking), asking);
}

/** First in the browser: variables of the dashboard in the format `sqlstring`, and the interval. */
function writeVariables(query: string, { chosen, interval }: Asking): string {
  return query
    .replaceAll(/\$\{(\w+)(?::(\w+))?\}/g, (whole, name: string, format: string | undefined) => {
      const values = chosen[name];
      if (values === undefined || format !== 'sqlstring') throw new Error(`${whole} is no variable as text.`);
      return values.map((value) => `'${value.replaceAll("'", "''")}'`).join(',');
    })
    .replaceAll(/\$__interval\b/g, interval);
}

/** Then on the server, which looks for a closing bracket and knows of no nesting. */
function writeMacros(query: string, asking: Asking): string {
  return query.replaceAll(/\$([_a-zA-Z0-9]+)\(([^)]*)\)/g, (_, name: string, words: string) =>
    writeMacro(
      name,
      words.split(',').map((word) => word.trim()),
      asking,
    ),
  );
}

function writeMacro(
  name: string,
  [column = '', length = '']: readonly string[],
  { from, to }: Asking,
): string {
  const [first, last] = [from, to].map((time) => `'${time.toISOString()}'`) as [string, string];
  const seconds = () => secondsIn(length);
  switch (name) {
    case '__timeFrom':
      return first;
    case '__timeTo':
      return last;
    case '__timeFilter':
      return `${column} BETWEEN ${first} AND ${last}`;
    case '__timeGroup':
      return `floor(extract(epoch from ${column})/${seconds()})*${seconds()}`;
    case '__timeGroupAlias':
      return `floor(extract(epoch from ${column})/${seconds()})*${seconds()} AS "time"`;
    default:
      throw new Error(`Grafana knows no macro $${name}.`);
  }
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

function secondsIn(length: string): number {
  const [, count, unit = ''] = /^'?(\d+)([smhdw])'?$/.exec(length) ?? [];
  const seconds = units[unit];
  if (seconds === undefined) throw new Error(`${length} is no length of time.`);
  return Number(count) * seconds;
}
