/**
 * What a reader looks at, as the address says it behind `#`: a section, and what narrows and orders its rows.
 *
 * @typedef {object} Place
 * @property {string} section
 * @property {string} words
 * @property {string} principal its name
 * @property {string} organization its id
 * @property {Map<string, string>} chosen a word for `table.column`
 * @property {Map<string, string>} orders `column` or `-column` for a table
 */

/**
 * @param {string} hash
 * @returns {Place}
 */
function readPlace(hash) {
  const [section = '', ...rest] = hash.replace(/^#/, '').split('?');
  const given = new URLSearchParams(rest.join('?'));
  const behind = (/** @type {string} */ prefix) =>
    new Map(
      [...given]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, value]) => [key.slice(prefix.length), value]),
    );
  return {
    section,
    words: given.get('q') ?? '',
    principal: given.get('principal') ?? '',
    organization: given.get('organization') ?? '',
    chosen: behind('choose.'),
    orders: behind('order.'),
  };
}

/**
 * The address of a place; what narrows nothing is left out.
 *
 * @param {Place} place
 * @returns {string}
 */
function writePlace({ section, words, principal, organization, chosen, orders }) {
  const given = new URLSearchParams();
  const set = (/** @type {string} */ key, /** @type {string} */ value) => {
    if (value !== '') given.set(key, value);
  };
  set('q', words);
  set('principal', principal);
  set('organization', organization);
  for (const [column, word] of chosen) set(`choose.${column}`, word);
  for (const [table, order] of orders) set(`order.${table}`, order);
  const rest = given.toString();
  return `#${section}${rest === '' ? '' : `?${rest}`}`;
}

/**
 * Whether everything is shown.
 *
 * @param {Place} place
 * @returns {boolean}
 */
function isWhole({ words, principal, organization, chosen }) {
  return (
    words.trim() === '' &&
    principal === '' &&
    organization === '' &&
    [...chosen.values()].every((word) => word === '')
  );
}
