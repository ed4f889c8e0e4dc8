/** One line of Prometheus' text format. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const label = String.raw`([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"`;
const number = String.raw`[+-]?\d+(?:\.\d+)?(?:e[+-]\d+)?|[+-]Inf|NaN`;
const line = new RegExp(String.raw`^([a-zA-Z_:][\w:]*)(?:\{(${label}(?:,${label})*)\})? (${number})$`);

/** Reads Prometheus' text format, version 0.0.4. Throws at a line that is none. */
export function parseExposition(text: string): Sample[] {
  if (!text.endsWith('\n')) throw new Error('expected the last line to end');
  return text
    .slice(0, -1)
    .split('\n')
    .filter((each) => each !== '' && !each.startsWith('#'))
    .map(parseLine);
}

function parseLine(text: string): Sample {
  const [, name = '', quotedLabels = '', ...rest] = line.exec(text) ?? [];
  if (name === '') throw new Error(`expected name{labels} value, got ${text}`);
  const labels = [...quotedLabels.matchAll(new RegExp(label, 'g'))].map(
    ([, labelName = '', quoted = '']) => [labelName, unescape(quoted)] as const,
  );
  const value = Number(rest.at(-1)?.replace('Inf', 'Infinity'));
  return { name, labels: Object.fromEntries(labels), value };
}

function unescape(quoted: string): string {
  return quoted.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

/** The `# TYPE` of each metric. */
export function typesIn(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]),
  );
}
