import { type Reporter, type TestModule } from 'vitest/node';

/** Ends the output with one line of the real counts, for a machine to read: `12 passed, 0 failed`. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const states = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => test.result().state),
    );
    const broken = modules.filter((module) => module.errors().length > 0).length;
    const count = (state: string) => states.filter((one) => one === state).length;
    const skipped = count('skipped');
    // After the default reporter's summary, which is written in the same hook.
    setImmediate(() => {
      const more = skipped === 0 ? '' : `, ${skipped} skipped`;
      process.stdout.write(`${count('passed')} passed, ${count('failed') + broken} failed${more}\n`);
    });
  }
}
