/** HTML that is already safe: `markup` makes it, and whoever puts a script or a style of ours into a page. */
export class Markup {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

type Insertable = string | number | Markup | readonly Markup[];

/** A template that escapes whatever is put into it, unless it is `Markup` itself. */
export function markup(template: TemplateStringsArray, ...values: readonly Insertable[]): Markup {
  return new Markup(String.raw({ raw: template }, ...values.map(insert)));
}

function insert(value: Insertable): string {
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  return value instanceof Markup ? value.source : value.map(({ source }) => source).join('');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
