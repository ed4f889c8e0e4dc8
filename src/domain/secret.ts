import { inspect } from 'node:util';

/**
 * A credential that cannot be printed by accident: as a string, in JSON and in `util.inspect` it is `[secret]`.
 * Only `reveal` gives the text, so every use of it can be found by that name.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
