/**
 * What the queue keeps as the reason for which a job comes again. It is always this one: a driver's own error repeats a
 * query with all that it stores.
 */
export class NotDone extends Error {
  override readonly name = 'NotDone';

  constructor() {
    super('It is not done yet, and tried again.');
  }
}
