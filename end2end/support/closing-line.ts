import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';

/** Ends the run with one line that a script can find: `12 passed, 0 failed`. */
export default class ClosingLine implements Reporter {
  private readonly outcomes = new Map<string, string>();

  onTestEnd(test: TestCase, result: TestResult): void {
    this.outcomes.set(test.id, result.status);
  }

  onEnd(): void {
    if (this.outcomes.size === 0) return; // the tests were only listed
    const count = (...statuses: string[]) =>
      [...this.outcomes.values()].filter((status) => statuses.includes(status)).length;
    const skipped = count('skipped');
    const line = `${count('passed')} passed, ${count('failed', 'timedOut', 'interrupted')} failed`;
    console.log(skipped ? `${line}, ${skipped} skipped` : line);
  }

  printsToStdio(): boolean {
    return true;
  }
}
