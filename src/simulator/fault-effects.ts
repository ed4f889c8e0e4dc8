import { type Answer, type ApiError, type Envelope, htmlPage, refused } from './answers.ts';
import { type Fault, type FaultRule } from './faults.ts';
import { type Window } from './listing.ts';
import { tooManyRequests } from './rate-limit.ts';
import { type ListedRow, withField } from './rows.ts';

/** How an answer travels. */
export type Delivery =
  'whole' | 'cut' | 'cut-short' | 'stall-headers' | 'stall-body' | 'reset-headers' | 'reset-body';

/** What the faults of one request come to, stage by stage. */
export interface Effects {
  delayMs: number;
  /** Whether the API is asked at all. */
  takesEffect: boolean;
  instead: Answer | null;
  moveWindow: (window: Window) => Window;
  rewrite: (json: unknown) => unknown;
  delivery: Delivery;
}

type Effect = Partial<Effects>;

/** The effects of all rules that strike one request, the earlier before the later. */
export function effectsOf(rules: readonly FaultRule[]): Effects {
  const effects: Effects = {
    delayMs: 0,
    takesEffect: true,
    instead: null,
    moveWindow: (window) => window,
    rewrite: (json) => json,
    delivery: 'whole',
  };
  for (const { fault, takesEffect = false } of rules) {
    const { moveWindow, rewrite } = effects;
    const effect = effectOf(fault);
    effects.delayMs += effect.delayMs ?? 0;
    effects.instead = effect.instead ?? effects.instead;
    effects.delivery = effect.delivery ?? effects.delivery;
    if (isWithoutAnswer(effect)) effects.takesEffect &&= takesEffect;
    if (effect.moveWindow) effects.moveWindow = compose(moveWindow, effect.moveWindow);
    if (effect.rewrite) effects.rewrite = compose(rewrite, effect.rewrite);
  }
  return effects;
}

function isWithoutAnswer({ instead, delivery }: Effect): boolean {
  return instead !== undefined || delivery === 'stall-headers' || delivery === 'reset-headers';
}

function compose<T>(first: (value: T) => T, second: (value: T) => T): (value: T) => T {
  return (value) => second(first(value));
}

function effectOf(fault: Fault): Effect {
  switch (fault.kind) {
    case 'answer':
      return { instead: answerOf(fault) };
    case 'failure-under-200': {
      const { code = 10001, message = 'Unable to authenticate request' } = fault;
      return { instead: refused(200, { code, message }) };
    }
    case 'shift':
    case 'ignore-page':
    case 'cap-per-page':
      return { moveWindow: (window) => movedWindow(fault, window) };
    case 'duplicate':
      return duplicateEffect(fault);
    case 'result':
    case 'fields':
    case 'total-count':
    case 'count':
    case 'no-result-info':
      return { rewrite: onSuccess((envelope) => rewritten(fault, envelope)) };
    case 'cut':
      return { delivery: fault.length === 'half' ? 'cut' : 'cut-short' };
    case 'stall':
      return { delivery: fault.at === 'headers' ? 'stall-headers' : 'stall-body' };
    case 'reset':
      return { delivery: fault.at === 'headers' ? 'reset-headers' : 'reset-body' };
    case 'latency':
      return { delayMs: fault.ms };
    case 'rewrite':
      return { rewrite: fault.rewrite };
  }
}

function answerOf({ status, body, code, message, headers = {} }: Fault & { kind: 'answer' }): Answer {
  if (body === 'html') return { ...htmlPage(status), headers };
  if (body === 'empty') return { status, headers };
  const usual = usualErrors[status] ?? { code: 1000 + status, message: `Simulated failure ${status}` };
  return { ...refused(status, { code: code ?? usual.code, message: message ?? usual.message }), headers };
}

const usualErrors: Readonly<Record<number, ApiError>> = {
  401: { code: 10000, message: 'Authentication error' },
  403: { code: 9109, message: 'Unauthorized to access requested resource' },
  404: { code: 7000, message: 'No route for that URI' },
  410: { code: 1410, message: 'This API has been removed. Use /accounts instead' },
  429: tooManyRequests,
};

function movedWindow(
  fault: Fault & { kind: 'shift' | 'ignore-page' | 'cap-per-page' },
  window: Window,
): Window {
  const { page, perPage, start, end } = window;
  switch (fault.kind) {
    case 'shift':
      return { ...window, start: start + fault.rows, end: end + fault.rows };
    case 'ignore-page':
      return { page: fault.echo === 'first' ? 1 : page, perPage, start: 0, end: perPage };
    case 'cap-per-page': {
      const capped = Math.min(perPage, fault.most);
      return { page, perPage: capped, start: (page - 1) * capped, end: page * capped };
    }
  }
}

function duplicateEffect({ of, replacing = false }: Fault & { kind: 'duplicate' }): Effect {
  if (of === 'previous-page') {
    return {
      moveWindow: ({ start, end, ...echoed }) => ({
        ...echoed,
        start: start - 1,
        end: replacing ? end - 1 : end,
      }),
    };
  }
  return {
    rewrite: onSuccess((envelope) => {
      const rows = rowsOf(envelope);
      return { ...envelope, result: [...(replacing ? rows.slice(0, -1) : rows), ...rows.slice(0, 1)] };
    }),
  };
}

function rewritten(
  fault: Fault & { kind: 'result' | 'fields' | 'total-count' | 'count' | 'no-result-info' },
  envelope: Envelope,
): Envelope {
  const { result_info: info = {}, ...rest } = envelope;
  switch (fault.kind) {
    case 'result':
      if (!Array.isArray(fault.result)) return { ...envelope, result: fault.result };
      return { ...rest, result: fault.result, result_info: { ...info, count: fault.result.length } };
    case 'fields':
      return { ...envelope, result: rowsOf(envelope).map((row, index) => strippedRow(fault, row, index)) };
    case 'total-count': {
      const add = fault.drifting === true ? fault.add * Number(info['page']) : fault.add;
      return { ...rest, result_info: { ...info, total_count: Number(info['total_count']) + add } };
    }
    case 'count':
      return { ...rest, result_info: { ...info, count: fault.count } };
    case 'no-result-info': {
      if (fault.only !== 'totals') return rest;
      const { total_count: _count, total_pages: _pages, ...left } = info;
      return { ...rest, result_info: left };
    }
  }
}

function strippedRow(
  { omit = [], nullify = [], rows = Infinity }: Fault & { kind: 'fields' },
  row: ListedRow,
  index: number,
): ListedRow {
  if (index >= rows) return row;
  const kept = omit.reduce((said, path) => withField(said, path, undefined), row);
  return nullify.reduce((said, path) => withField(said, path, null), kept);
}

function rowsOf({ result }: Envelope): readonly ListedRow[] {
  return Array.isArray(result) ? (result as ListedRow[]) : [];
}

/** Only a success has rows and totals to be wrong about; a refusal goes through as it is. */
function onSuccess(rewrite: (envelope: Envelope) => Envelope): (json: unknown) => unknown {
  return (json) => (isSuccess(json) ? rewrite(json) : json);
}

function isSuccess(json: unknown): json is Envelope {
  return typeof json === 'object' && json !== null && 'success' in json && json.success === true;
}
