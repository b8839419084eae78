// The composition root: the one function that makes a gateway out of options.
import { Gateway } from './gateway.ts';
import type { GatewayOptions, StartOutcome } from './gateway-options.ts';
import { resolveSettings } from './settings.ts';
import { Sight } from './sight.ts';
import { VERSION } from './version.ts';

/** Starts a gateway in this process. Signals are the caller's: call `stop` on SIGTERM. */
export async function startGateway(options: GatewayOptions): Promise<StartOutcome> {
  const settings = await resolveSettings(options);
  if (typeof settings === 'string') return { kind: 'refused', reason: settings, findings: [] };
  const sight = openSight(settings.accessLog);
  if (typeof sight === 'string') return { kind: 'refused', reason: sight, findings: [] };
  return new Gateway(settings, sight).start();
}

function openSight(accessLog: string): Sight | string {
  try {
    return new Sight(accessLog, VERSION);
  } catch (error) {
    return `The access log ${accessLog} cannot be opened: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`;
  }
}
