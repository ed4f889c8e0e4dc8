/** @typedef {import('../data.ts').PageData} PageData */
/** @typedef {import('../data.ts').Table} Table */
/** @typedef {import('../data.ts').Column} Column */
/** @typedef {import('../data.ts').Timeline} Timeline */

/** @type {(json: string) => PageData} */
const parseData = JSON.parse;

const data = parseData(byId('data').textContent);

/**
 * The element of that id, which the page has.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element ${id}.`);
  return found;
}

/**
 * @param {number} number
 * @returns {string}
 */
function textOf(number) {
  return data.texts[number] ?? '';
}

/**
 * The texts of a set.
 *
 * @param {number} number
 * @returns {string[]}
 */
function linesOf(number) {
  return (data.sets[number] ?? []).map(textOf);
}

/**
 * @param {number} number
 * @returns {{ id: string, name: string }}
 */
function organizationOf(number) {
  const [id = -1, name = -1] = data.organizations[number] ?? [];
  return { id: textOf(id), name: textOf(name) };
}

/**
 * `2026-08-14 02:00:05`
 *
 * @param {number} ms
 * @returns {string}
 */
function stampOf(ms) {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/**
 * As it is looked for: whatever the case and the accents.
 *
 * @param {string} text
 * @returns {string}
 */
function fold(text) {
  return text.toLowerCase().normalize('NFKD').replaceAll(/\p{M}/gu, '');
}

/** @type {string[] | undefined} */
let folded;

/**
 * Which texts, sets and organizations have a word in them.
 *
 * @param {string} word
 */
function findWord(word) {
  folded ??= data.texts.map(fold);
  const texts = folded.map((text) => text.includes(word));
  const sets = data.sets.map((set) => set.some((number) => texts[number]));
  const organizations = data.organizations.map((pair) => pair.some((number) => texts[number]));
  return { texts, sets, organizations };
}

const compareTexts = new Intl.Collator('en', { numeric: true }).compare;

/**
 * The place of each of these texts among them all, the same for equal ones.
 *
 * @param {readonly string[]} texts
 * @returns {number[]}
 */
function rank(texts) {
  const places = new Map([...new Set(texts)].sort(compareTexts).map((text, place) => [text, place]));
  return texts.map((text) => places.get(text) ?? -1);
}
