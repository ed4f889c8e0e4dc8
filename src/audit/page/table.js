/** Rows of a table that are shown at first, and how many more at each step. */
const fewRows = 25;
const moreRows = 500;

/** Rows of a table on paper, where a reader has not asked for more: a browser gives up to print thousands of pages. */
const paperRows = 500;

/**
 * The texts that a column's rows are ordered by, each with its place.
 *
 * @param {Column} column
 * @returns {readonly number[]}
 */
function orderOf({ kind, none, values }) {
  if (kind === 'time' || kind === 'number')
    return none === '' ? values : values.map((value) => (value === -1 ? Infinity : value));
  const texts =
    kind === 'organization'
      ? data.organizations.map((_, number) =>
          Object.values(organizationOf(number)).reverse().filter(Boolean).join(' '),
        )
      : kind === 'lines'
        ? data.sets.map((_, number) => linesOf(number).join('; '))
        : data.texts;
  const places = rank(texts);
  return values.map((value) => places[value] ?? -1);
}

/**
 * Whether a row has a word in it.
 *
 * @param {Table} table
 * @param {string} word
 * @returns {(row: number) => boolean}
 */
function rowsWith(table, word) {
  const { texts, sets, organizations } = findWord(word);
  const isDate = /^\d{4}-\d/.test(word);
  const found = { text: texts, word: texts, lines: sets, organization: organizations };
  return (row) =>
    table.columns.some(({ kind, values }) => {
      const value = values[row] ?? -1;
      if (value === -1) return false;
      if (kind === 'time') return isDate && stampOf(value).startsWith(word);
      if (kind === 'number') return String(value) === word;
      if (kind !== 'timeline' && kind !== 'bar') return found[kind][value] === true;
      return (
        data.timelines[value]?.stretches.some(
          ([, , , status, roles]) => texts[status] === true || sets[roles] === true,
        ) === true
      );
    });
}

/**
 * The principals that were ever in an organization, by the numbers of their names: runs and gaps are theirs.
 *
 * @param {string} organization
 * @returns {Set<number>}
 */
function principalsIn(organization) {
  const columns = data.tables.find(({ id }) => id === 'timelines')?.columns ?? [];
  const valuesOf = (/** @type {string} */ key) => columns.find((column) => column.key === key)?.values ?? [];
  const names = valuesOf('principal');
  return new Set(
    valuesOf('organization').flatMap((number, row) =>
      organizationOf(number).id === organization ? (names[row] ?? []) : [],
    ),
  );
}

/**
 * The rows that a place leaves, in its order.
 *
 * @param {Table} table
 * @param {Place} place
 * @returns {number[]}
 */
function rowsAt(table, place) {
  const columnOf = (/** @type {string} */ key) => table.columns.find((column) => column.key === key);
  /** @type {((row: number) => boolean)[]} */
  const conditions = fold(place.words)
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => rowsWith(table, word));
  const demand = (/** @type {string} */ key, /** @type {(value: number) => boolean} */ holds) => {
    const values = columnOf(key)?.values ?? [];
    conditions.push((row) => holds(values[row] ?? -1));
  };
  if (place.principal !== '') demand('principal', (value) => textOf(value) === place.principal);
  if (place.organization !== '' && columnOf('organization') !== undefined) {
    demand('organization', (value) => organizationOf(value).id === place.organization);
  }
  if (place.organization !== '' && columnOf('organization') === undefined) {
    const names = principalsIn(place.organization);
    demand('principal', (value) => names.has(value));
  }
  for (const { key } of table.columns) {
    const word = place.chosen.get(`${table.id}.${key}`) ?? '';
    if (word !== '') demand(key, (value) => textOf(value) === word);
  }
  const rows = Array.from({ length: table.rows }, (_, row) => row).filter((row) =>
    conditions.every((holds) => holds(row)),
  );
  const order = place.orders.get(table.id);
  const column = columnOf(order?.replace(/^-/, '') ?? '');
  if (order === undefined || column === undefined) return rows;
  const places = orderOf(column);
  const sign = order.startsWith('-') ? -1 : 1;
  const compare = (/** @type {number} */ left, /** @type {number} */ right) => {
    const [one = 0, other = 0] = [places[left], places[right]];
    return one === other ? left - right : one < other ? -sign : sign;
  };
  return rows.sort(compare);
}

/**
 * The elements of a table, in the section that waits for it.
 *
 * @param {Table} table
 * @param {{ element: HTMLElement }[]} heads
 * @param {{ element: HTMLElement }[]} choices
 */
function buildTable(table, heads, choices) {
  const section = byId(table.id);
  const holder = /** @type {HTMLElement} */ (section.querySelector('.table'));
  const body = made('tbody', { role: 'rowgroup' });
  const head = made('tr', { role: 'row' }, ...heads.map(({ element }) => element));
  const whole = { role: 'table', 'aria-labelledby': `${table.id}-title`, class: table.id };
  const element = made('table', whole, made('thead', { role: 'rowgroup' }, head), body);
  const told = made('p', { class: 'told', role: 'status' });
  const more = made('button', { type: 'button' }, `Show ${moreRows} more`);
  const all = made('button', { type: 'button' });
  const bar = made('div', { class: 'choices' }, ...choices.map((choice) => choice.element), told);
  holder.append(bar, element, made('div', { class: 'more' }, more, all));
  return { element, body, told, more, all, whenEmpty: holder.dataset['empty'] ?? '' };
}

/**
 * How many rows are shown, of how many.
 *
 * @param {{ shown: number, left: number, whole: number }} counts
 * @param {string} whenEmpty
 * @returns {string}
 */
function tellRows({ shown, left, whole }, whenEmpty) {
  const inAll = whole.toLocaleString('en-US');
  if (whole === 0) return whenEmpty;
  if (left === 0) return `None of ${inAll} fits.`;
  const of = left === whole ? '' : ` (${inAll} in all)`;
  return `${shown.toLocaleString('en-US')} of ${left.toLocaleString('en-US')} shown${of}`;
}

/**
 * One table of the page: draws what a place leaves of it, and tells its changes of place to `move`.
 *
 * @param {Table} table
 * @param {(change: (place: Place) => void) => void} move
 */
function createTable(table, move) {
  const heads = table.columns.map((column) => createHead(table, column, move));
  const choices = table.columns
    .filter(({ isChoice }) => isChoice)
    .map((column) => createChoice(table, column, move));
  const { element, body, told, more, all, whenEmpty } = buildTable(table, heads, choices);
  /** @type {{ rows: number[], shown: number, place: Place }} */
  const state = { rows: [], shown: 0, place: readPlace('') };

  const show = (/** @type {number} */ count) => {
    const { rows, shown, place } = state;
    body.append(...rows.slice(shown, count).map((row) => rowElement(table, row, place)));
    state.shown = Math.min(count, rows.length);
    while (body.children.length > state.shown) body.lastElementChild?.remove();
    const counts = { shown: state.shown, left: rows.length, whole: table.rows };
    told.textContent = tellRows(counts, whenEmpty);
    element.hidden = rows.length === 0;
    more.hidden = rows.length - state.shown <= moreRows;
    all.hidden = rows.length === state.shown;
    all.textContent = `Show all ${rows.length.toLocaleString('en-US')}`;
  };
  /** The button may go with it: a keyboard goes on at the first row that came. */
  const grow = (/** @type {number} */ count) => {
    const first = state.shown;
    show(count);
    const row = /** @type {HTMLElement | undefined} */ (body.children[first]);
    if (row === undefined) return;
    row.tabIndex = -1;
    row.focus();
  };
  more.addEventListener('click', () => grow(state.shown + moreRows));
  all.addEventListener('click', () => grow(state.rows.length));
  return {
    /** @param {Place} place */
    go(place) {
      body.replaceChildren();
      Object.assign(state, { rows: rowsAt(table, place), shown: 0, place });
      for (const head of heads) head.tell(place.orders.get(table.id) ?? table.order);
      for (const choice of choices) choice.tell(place);
      show(fewRows);
    },
    /** Shows as many rows as paper takes at least, and no fewer than before; returns what takes it back. */
    unfold() {
      const { shown } = state;
      show(Math.max(shown, paperRows));
      return () => show(shown);
    },
  };
}

/**
 * @param {Table} table
 * @param {number} row
 * @param {Place} place
 * @returns {HTMLElement}
 */
function rowElement(table, row, place) {
  const cells = table.columns.map((column) => {
    const content = fillCell(column, row, place);
    const attributes = {
      role: 'cell',
      class: `${column.kind} ${column.key}`,
      'data-heading': column.heading,
    };
    return made(
      'td',
      content.length === 0 ? { ...attributes, class: `${attributes.class} none` } : attributes,
      ...content,
    );
  });
  return made('tr', { role: 'row' }, ...cells);
}

/**
 * A column's head: its button orders the rows by it, and the other way round.
 *
 * @param {Table} table
 * @param {Column} column
 * @param {(change: (place: Place) => void) => void} move
 */
function createHead(table, { key, heading, kind }, move) {
  const element = made('th', { role: 'columnheader', scope: 'col', class: `${kind} ${key}` });
  if (kind === 'timeline' || kind === 'bar') {
    element.append(made('span', {}, heading), drawAxis(kind === 'bar' ? 24 : 10));
    return { element, tell: () => undefined };
  }
  const button = made('button', { type: 'button' }, heading);
  element.append(button);
  const next = () => (element.getAttribute('aria-sort') === 'ascending' ? `-${key}` : key);
  button.addEventListener('click', () => move((place) => place.orders.set(table.id, next())));
  return {
    element,
    /** @param {string} order */
    tell(order) {
      if (order === key) element.setAttribute('aria-sort', 'ascending');
      else if (order === `-${key}`) element.setAttribute('aria-sort', 'descending');
      else element.removeAttribute('aria-sort');
    },
  };
}

/**
 * Leaves the rows with one of the column's words.
 *
 * @param {Table} table
 * @param {Column} column
 * @param {(change: (place: Place) => void) => void} move
 */
function createChoice(table, { key, heading, values }, move) {
  const words = [...new Set(values)]
    .filter((value) => value !== -1)
    .map(textOf)
    .sort(compareTexts);
  const options = words.map((word) => made('option', { value: word }, word));
  const select = made('select', {}, made('option', { value: '' }, 'any'), ...options);
  const element = made('label', {}, `${heading} `, select);
  element.hidden = words.length < 2;
  select.addEventListener('change', () =>
    move((place) => place.chosen.set(`${table.id}.${key}`, select.value)),
  );
  return {
    element,
    /** @param {Place} place */
    tell(place) {
      select.value = place.chosen.get(`${table.id}.${key}`) ?? '';
    },
  };
}
