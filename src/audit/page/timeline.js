const dayMs = 86_400_000;
const standings = ['member', 'super', 'invited', 'other'];

/**
 * An element of SVG.
 *
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {(Node | string)[]} children
 * @returns {SVGElement}
 */
function drawn(name, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/**
 * Where an instant lies on the axis, in percent.
 *
 * @param {number} ms
 * @returns {number}
 */
function placeOf(ms) {
  const { from, to } = data.axis;
  return (100 * Math.min(Math.max(ms - from, 0), to - from)) / (to - from);
}

/**
 * A stretch of the axis; nothing where none of it is on the axis.
 *
 * @param {string} kind
 * @param {number} from
 * @param {number} to -1 while it lasts
 * @returns {SVGElement[]}
 */
function stretchOf(kind, from, to) {
  const [start, end] = [placeOf(from), to === -1 ? 100 : placeOf(to)];
  if (end <= start && (to === -1 || to < data.axis.from)) return [];
  const [y, height] = kind === 'gap' ? [1, 18] : kind === 'invited' || kind === 'other' ? [6, 8] : [3, 14];
  return [drawn('rect', { class: kind, x: `${start}%`, width: `${Math.max(end - start, 0.2)}%`, y, height })];
}

/**
 * Where the source changed; nothing where that is not on the axis.
 *
 * @param {number} at
 * @returns {SVGElement[]}
 */
function seamAt(at) {
  if (at < data.axis.from || at > data.axis.to) return [];
  const x = `${placeOf(at)}%`;
  return [drawn('line', { class: 'seam', x1: x, x2: x, y1: 0, y2: 20 })];
}

/**
 * The instants that the axis names: the first of months or days, nine at most.
 *
 * @returns {number[]}
 */
function findTicks() {
  const { from, to } = data.axis;
  const first = new Date(from);
  const months = (to - from) / (30 * dayMs);
  const inMonths = months > 2;
  const most = 8;
  const steps = inMonths ? [1, 2, 3, 6, 12, 24, 60, 120] : [1, 2, 7, 14];
  const length = inMonths ? months : (to - from) / dayMs;
  const step = steps.find((one) => length / one <= most) ?? 600;
  return Array.from({ length: most + 4 }, (_, index) =>
    inMonths
      ? Date.UTC(first.getUTCFullYear(), Math.floor(first.getUTCMonth() / step) * step + index * step)
      : Math.floor(from / dayMs) * dayMs + index * step * dayMs,
  ).filter((tick) => tick >= from && tick <= to);
}

const ticks = findTicks();

/**
 * The names of the ticks, above timelines.
 *
 * @param {number} apart percent of the axis that a name takes
 */
function drawAxis(apart) {
  const inMonths = data.axis.to - data.axis.from > 60 * dayMs;
  const first = placeOf(ticks[0] ?? 0);
  const step = Math.ceil(apart / Math.max(placeOf(ticks[1] ?? Infinity) - first, 1));
  const labels = ticks
    .filter((tick, index) => index % step === 0 && placeOf(tick) < 100 - apart)
    .map((tick) =>
      drawn(
        'text',
        { x: `${placeOf(tick)}%`, y: 11 },
        stampOf(tick).slice(inMonths ? 0 : 5, inMonths ? 7 : 10),
      ),
    );
  return drawn('svg', { class: 'axis', height: 14, 'aria-hidden': 'true' }, ...labels);
}

/**
 * A membership over the whole axis, and over it what was not observed.
 *
 * @param {Timeline} timeline
 * @returns {SVGElement}
 */
function drawTimeline({ principal, stretches }) {
  const observed = data.principals[principal];
  const before =
    observed === undefined || placeOf(observed.since) < 0.5
      ? []
      : stretchOf('gap', data.axis.from, observed.since);
  return drawn(
    'svg',
    { class: 'bar', height: 20, 'aria-hidden': 'true' },
    ...ticks.map((tick) =>
      drawn('line', { class: 'tick', x1: `${placeOf(tick)}%`, x2: `${placeOf(tick)}%`, y1: 0, y2: 20 }),
    ),
    ...stretches.flatMap(([from, to, standing]) => stretchOf(standings[standing] ?? 'other', from, to)),
    ...before,
    ...(observed?.gaps ?? []).flatMap(([from, to]) => stretchOf('gap', from, to)),
    ...(observed?.seams ?? []).flatMap(([at]) => seamAt(at)),
  );
}

/** How many memberships held Super Administrator, over the whole axis. */
function drawChart() {
  const steps = data.superAdministrators;
  const most = Math.max(1, ...steps.map(([, count]) => count));
  const height = (/** @type {number} */ count) => 46 - (42 * count) / most;
  const path = steps.map(([from, count]) => `H${placeOf(from) * 10}V${height(count)}`).join('');
  const line = `M0 ${height(0)}${path}H1000`;
  return [
    drawn(
      'svg',
      { class: 'chart', viewBox: '0 0 1000 48', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      drawn('path', { class: 'area', d: `${line}V46H0Z` }),
      drawn('path', { class: 'line', d: line }),
    ),
    drawAxis(18),
  ];
}

/** What the chart shows, in words. */
function tellChart() {
  const steps = data.superAdministrators;
  const most = Math.max(...steps.map(([, count]) => count));
  const [at = 0] = steps.find(([, count]) => count === most) ?? [];
  return `Super Administrators: ${most} at most, from ${stampOf(at).slice(0, 10)} on; ${steps.at(-1)?.[1] ?? 0} at the end.`;
}
