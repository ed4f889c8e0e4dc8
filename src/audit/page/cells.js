/**
 * An element of HTML. Whatever stands in it is text, and never HTML.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
function made(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/**
 * An instant, to the second.
 *
 * @param {number} ms
 * @returns {HTMLElement}
 */
function timeElement(ms) {
  const [day = '', time = ''] = stampOf(ms).split(' ');
  return made(
    'time',
    { datetime: new Date(ms).toISOString() },
    day,
    ' ',
    made('span', { class: 'clock' }, time),
  );
}

/**
 * @param {number} ms -1 while it lasts
 * @returns {Node | string}
 */
function endElement(ms) {
  return ms === -1 ? 'now' : timeElement(ms);
}

/** What Cloudflare's ids look like: nothing else is made a link of. */
const isId = /^[0-9a-f]{32}$/;

/**
 * Its name leads to all that this page has of it, its id to Cloudflare's dashboard.
 *
 * @param {number} number
 * @returns {(Node | string)[]}
 */
function organizationCell(number) {
  const { id, name } = organizationOf(number);
  const own = made(
    'a',
    { href: writePlace({ ...readPlace('#timelines'), organization: id }), class: 'own' },
    made('bdi', {}, name || id),
  );
  const dashboard = {
    href: `https://dash.cloudflare.com/${id}/members`,
    class: 'id',
    rel: 'noopener noreferrer',
    target: '_blank',
  };
  const code = made('code', {}, id);
  if (name === '' && !isId.test(id)) return [own];
  return [
    own,
    ' ',
    isId.test(id)
      ? made('a', { ...dashboard, title: 'in Cloudflare’s dashboard' }, code)
      : made('span', { class: 'id' }, code),
  ];
}

const grave = new Set(data.grave);

/** @type {Record<string, string>} */
const signs = { '−': 'minus', '+': 'plus' };

/**
 * A set, a line for each.
 *
 * @param {number} number
 * @returns {Node[]}
 */
function linesCell(number) {
  return (data.sets[number] ?? []).map((text) => {
    const line = textOf(text);
    const names = [
      'line',
      signs[line.charAt(0)] ?? '',
      grave.has(text) ? 'grave' : '',
      /^[0-9a-f]{64}$/.test(line) ? 'hash' : '',
    ];
    return made('div', { class: names.filter(Boolean).join(' ') }, made('bdi', {}, line));
  });
}

/**
 * What a timeline says, in words: its stretches, and where it was absent. Of one organization also what was not observed, in
 * its place; of many, how often. Where the source changed, what is first known is no change.
 *
 * @param {Timeline} timeline
 * @param {boolean} isAlone
 * @returns {HTMLElement}
 */
function tellTimeline({ principal, stretches }, isAlone) {
  const { gaps, seams } = data.principals[principal] ?? { gaps: [], seams: [] };
  const told = stretches.flatMap(([from, to, , status, roles], index) => {
    const next = stretches[index + 1]?.[0] ?? -1;
    const stands = [made('b', {}, textOf(status)), ' ', made('bdi', {}, linesOf(roles).join('; '))];
    const isAbsent = to !== -1 && to !== next;
    return [
      { from, to, stands },
      ...(isAbsent ? [{ from: to, to: next, stands: [made('b', {}, 'absent')] }] : []),
    ];
  });
  const unseen = isAlone
    ? gaps.map(([from, to]) => ({ from, to, stands: [made('b', { class: 'unseen' }, 'not observed')] }))
    : [];
  const changedOver = seams.map(([at, source]) => ({
    from: at,
    to: at,
    stands: [made('b', { class: 'unseen' }, `source changed to ${textOf(source)}`)],
  }));
  const lines = [...told, ...unseen, ...changedOver].sort((left, right) => left.from - right.from);
  const items = lines.map(({ from, to, stands }) =>
    made('li', {}, timeElement(from), ...(from === to ? [] : [' to ', endElement(to)]), ': ', ...stands),
  );
  const where = writePlace({
    ...readPlace('#gaps'),
    principal: textOf(data.principals[principal]?.name ?? -1),
  });
  const times = gaps.length === 1 ? 'once' : `${gaps.length} times`;
  const count = made('li', {}, made('a', { class: 'quiet', href: where }, `not observed ${times}`));
  return made('ol', { class: 'story' }, ...items, ...(isAlone || gaps.length === 0 ? [] : [count]));
}

/**
 * What a cell holds.
 *
 * @param {Column} column
 * @param {number} row
 * @param {Place} place
 * @returns {(Node | string)[]}
 */
function fillCell({ kind, none, values }, row, place) {
  const value = values[row] ?? -1;
  if (value === -1) return none === '' ? [] : [none];
  if (kind === 'text') return [made('bdi', {}, textOf(value))];
  if (kind === 'word')
    return [made('span', { class: `word ${textOf(value).replaceAll(/[^a-z]+/g, '-')}` }, textOf(value))];
  if (kind === 'organization') return organizationCell(value);
  if (kind === 'lines') return linesCell(value);
  if (kind === 'time') return [timeElement(value)];
  if (kind === 'number') return [value.toLocaleString('en-US')];
  const timeline = data.timelines[value];
  if (timeline === undefined) return [];
  const bar = drawTimeline(timeline);
  return kind === 'bar' ? [bar] : [bar, tellTimeline(timeline, place.organization !== '')];
}
