const words = /** @type {HTMLInputElement} */ (byId('words'));
const principal = /** @type {HTMLSelectElement} */ (byId('principal'));
const narrowed = byId('narrowed');

let here = readPlace(location.hash);
const tables = data.tables.map((table) => createTable(table, move));

/**
 * Changes what is shown, and the address with it.
 *
 * @param {(place: Place) => void} change
 */
function move(change) {
  change(here);
  history.replaceState(null, '', writePlace(here));
  show();
}

/** Shows what the address says, from the section on that it names. */
function arrive() {
  here = readPlace(location.hash);
  show();
  const section = document.getElementById(here.section);
  if (section === null) return;
  section.tabIndex = -1;
  section.focus({ preventScroll: true });
  section.scrollIntoView();
}

function show() {
  if (words.value !== here.words) words.value = here.words;
  principal.value = here.principal;
  narrowed.textContent = isWhole(here) ? '' : `Shown is only what fits: ${tellPlace(here)}.`;
  byId('clear').hidden = isWhole(here);
  const chart = document.getElementById('chart');
  if (chart !== null) chart.hidden = !isWhole(here);
  for (const link of document.querySelectorAll('nav a')) {
    const { section } = readPlace(link.getAttribute('href') ?? '');
    link.setAttribute('href', writePlace({ ...here, section }));
  }
  for (const table of tables) table.go(here);
  // What sticks to the top would lie over the section that one came for.
  const tools = byId('tools');
  const isSticky = getComputedStyle(tools).position === 'sticky';
  document.documentElement.style.scrollPaddingTop = isSticky ? `${tools.offsetHeight + 16}px` : '1rem';
}

/**
 * @param {Place} place
 * @returns {string}
 */
function tellPlace({ words: given, principal: name, organization, chosen }) {
  const named = data.organizations.find(([id]) => textOf(id) === organization);
  const organizationName = named === undefined ? '' : `${textOf(named[1])} `;
  return [
    ...(given.trim() === '' ? [] : [`“${given.trim()}”`]),
    ...(name === '' ? [] : [`the principal ${name}`]),
    ...(organization === '' ? [] : [`the organization ${organizationName}(${organization})`]),
    ...[...chosen]
      .filter(([, word]) => word !== '')
      .map(([column, word]) => `${column.replace('.', ', ')}: ${word}`),
  ].join('; ');
}

/**
 * A spreadsheet runs what begins like a formula, also when it is pasted: in what is copied of the page that is guarded.
 *
 * @param {ClipboardEvent} event
 */
function guardCopy(event) {
  const text = String(getSelection());
  if (event.target instanceof HTMLInputElement || text === '' || event.clipboardData === null) return;
  event.clipboardData.setData('text/plain', text.replaceAll(/(?<=^|[\t\n])(?=[=+\-@])/g, "'"));
  event.preventDefault();
}

byId('tools').hidden = false;
for (const observed of data.principals) {
  principal.append(made('option', { value: textOf(observed.name) }, textOf(observed.name)));
}
if (data.principals.length < 2) principal.parentElement?.setAttribute('hidden', '');
document.getElementById('chart')?.append(...drawChart(), made('figcaption', {}, tellChart()));

words.addEventListener('input', () => move((place) => (place.words = words.value)));
principal.addEventListener('change', () => move((place) => (place.principal = principal.value)));
byId('clear').addEventListener('click', () => {
  move((place) => Object.assign(place, readPlace(`#${place.section}`)));
  words.focus();
});
byId('print').addEventListener('click', () => print());
document.addEventListener('copy', guardCopy);
document.addEventListener('click', ({ target }) => {
  const link = target instanceof Element ? target.closest('a') : null;
  if (link?.getAttribute('href') === location.hash) arrive();
});
addEventListener('hashchange', arrive);
/** @type {(() => void)[]} */
let folds = [];
addEventListener('beforeprint', () => {
  folds = tables.map((table) => table.unfold());
});
addEventListener('afterprint', () => {
  for (const foldBack of folds) foldBack();
});
arrive();
