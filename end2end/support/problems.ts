// What must not happen behind a page's back: errors in the console, exceptions, requests that fail, breaches of the policy.
import { type BrowserContext, expect } from '@playwright/test';

export class Problems {
  private readonly found: string[] = [];
  private readonly expected = new Map<number, number>();

  /** Says that the journey is about a refusal with this status. It must then come. */
  expect(status: number): void {
    this.expected.set(status, 0);
  }

  watch(context: BrowserContext, scripts: boolean): void {
    context.on('console', (message) => {
      // The answer itself is looked at below; how soon a file is used depends on how busy the machine is; the older way to open
      // a drawer stands beside the newer one for browsers without it.
      const known = /^Failed to load resource|was preloaded using link preload but not used|^popovertarget is ignored on elements with commandfor/;
      if (known.test(message.text())) return;
      if (['error', 'warning'].includes(message.type())) this.note(`${message.type()} in the console: ${message.text()}`);
    });
    context.on('weberror', (error) => this.note(`exception: ${error.error().stack ?? error.error().message}`));
    context.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText;
      // A page that is left gives up what it was loading; a browser without scripts calls those blocked.
      if (reason === 'net::ERR_ABORTED' || (reason === 'csp' && !scripts)) return;
      this.note(`${request.method()} ${request.url()}: ${reason}`);
    });
    context.on('response', (response) => {
      const status = response.status();
      if (status < 400) return;
      const times = this.expected.get(status);
      if (times === undefined) this.note(`${response.request().method()} ${response.url()}: ${status}`);
      else this.expected.set(status, times + 1);
    });
  }

  /** Breaches of the policy as errors in the console, where scripts run; Chromium reports most of them by itself. */
  async watchPolicy(context: BrowserContext): Promise<void> {
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
      });
    });
  }

  expectNone(): void {
    const missing = [...this.expected].filter(([, times]) => times === 0).map(([status]) => `a ${status} was expected and did not come`);
    expect([...this.found, ...missing], 'what happened behind the page').toEqual([]);
  }

  private note(problem: string): void {
    this.found.push(problem);
  }
}
