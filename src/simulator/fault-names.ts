import { RollcallError } from '../domain/errors.ts';
import { endpoints } from './endpoints.ts';
import { namedFaults } from './fault-table.ts';
import { type FaultRule, type FaultTarget } from './faults.ts';

/** The names of all faults that have one. */
export const faultNames: readonly string[] = namedFaults.map(({ name }) => name);

/** How a fault is written, and every name: a text for `--help`. */
export const faultHelp: string = [
  'NAME[=VALUE][:ENDPOINT][@PAGE[+]][#FROM][xTIMES]',
  '',
  'ENDPOINT is any or one of these, by default list:',
  `${endpoints.join(', ')}.`,
  '@2 is page two, @2+ that page and all after it. #3 begins with the third request that agrees.',
  'x2 strikes two requests, x* all, by default one. So html@2x3 answers three requests for page',
  'two with HTML, and status=503:leave refuses one departure.',
  '',
  ...namedFaults.map(({ name, value, does }) => {
    return `${(value === undefined ? name : `${name}=${value.fallback}`).padEnd(20)}  ${does}`;
  }),
].join('\n');

const grammar = new RegExp(
  [
    '^(?<name>[a-z]+(?:-[a-z]+)*)',
    '(?:=(?<value>[^:@#]+?))?',
    '(?::(?<endpoint>[a-z]+(?:-[a-z]+)*))?',
    String.raw`(?:@(?<page>\d+)(?<onward>\+)?)?`,
    String.raw`(?:#(?<from>\d+))?`,
    String.raw`(?:x(?<times>\d+|\*))?$`,
  ].join(''),
);

/** Reads a fault from its textual form, which `faultHelp` explains; throws a usage error when it cannot. */
export function parseFault(text: string): FaultRule {
  const parts = grammar.exec(text)?.groups;
  const named = namedFaults.find(({ name }) => name === parts?.['name']);
  if (parts === undefined || named === undefined) {
    throw new RollcallError(
      'usage',
      `expected a fault such as html@2x3, got "${text}"; the names are ${faultNames.join(', ')}`,
    );
  }
  const value = parts['value'] ?? named.value?.fallback ?? '';
  if (parts['value'] !== undefined && named.value === undefined) {
    throw new RollcallError('usage', `expected ${named.name} without a value, got "${text}"`);
  }
  if (named.value?.means === 'number' && !/^[+-]?\d+$/.test(value)) {
    throw new RollcallError('usage', `expected ${named.name} with a number, got "${text}"`);
  }
  return { on: parseTarget(parts), fault: named.make(value) };
}

function parseTarget(parts: Readonly<Record<string, string | undefined>>): FaultTarget {
  const { endpoint = 'list', page, onward, from, times } = parts;
  const path = endpoints.find((known) => known === endpoint);
  if (path === undefined && endpoint !== 'any') {
    throw new RollcallError(
      'usage',
      `expected an endpoint of ${endpoints.join(', ')} or any, got "${endpoint}"`,
    );
  }
  return {
    ...(path !== undefined && { path }),
    ...(page !== undefined && (onward === undefined ? { page: Number(page) } : { fromPage: Number(page) })),
    ...(from !== undefined && { from: Number(from) }),
    ...(times !== undefined && { times: times === '*' ? Infinity : Number(times) }),
  };
}
