// How long first tries of each hedged route lately took in this thread, kept over configurations (upstream/hedge-policy.ts).
import { QuantileWindow } from '../base/quantile-window.ts';

const SPAN_MS = 30_000;

export class RouteLatencies {
  private readonly windows = new Map<string, QuantileWindow>();

  of(route: string): QuantileWindow {
    const window = this.windows.get(route) ?? new QuantileWindow(SPAN_MS);
    this.windows.set(route, window);
    return window;
  }
}
