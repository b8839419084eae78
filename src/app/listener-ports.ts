// The ports of the main thread's view: finds free ones where 0 is asked, and makes sure a new port is nobody else's before the
// threads open it together.
import type { Applied } from '../control/reload.ts';
import type { Finding } from '../model/finding.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import type { Listener } from '../model/listener.ts';
import { probePort } from './port-probe.ts';

type Settled = { readonly ok: true; readonly model: GatewayModel } | Extract<Applied, { ok: false }>;

const place = ({ address, port }: Pick<Listener, 'address' | 'port'>): string => `${address ?? '*'} ${port}`;

export class ListenerPorts {
  /** Real port of each listener that asked for any, by id. */
  private readonly chosen = new Map<string, number>();
  private open: ReadonlySet<string> = new Set();

  /** The model with real ports; or a finding for each port that cannot be had. */
  async settle(model: GatewayModel): Promise<Settled> {
    const findings: Finding[] = [];
    const listeners: Listener[] = [];
    for (const listener of model.listeners) {
      const port = listener.port === 0 ? (this.chosen.get(listener.id) ?? 0) : listener.port;
      const probe = this.open.has(place({ address: listener.address, port }))
        ? { ok: true as const, port }
        : await probePort({ ...listener, port });
      if (!probe.ok) {
        findings.push({
          severity: 'error',
          code: 'listener.port-unavailable',
          message: `Listener ${listener.id} cannot listen: ${probe.reason}.`,
          mend: 'Stop what uses it, or choose another port in the configuration or with --port.',
          origin: listener.origin,
        });
        continue;
      }
      if (listener.port === 0) this.chosen.set(listener.id, probe.port);
      listeners.push(probe.port === listener.port ? listener : Object.freeze({ ...listener, port: probe.port }));
    }
    return findings.length > 0 ? { ok: false, findings } : { ok: true, model: Object.freeze({ ...model, listeners }) };
  }

  /** The model is in effect: its ports are ours. */
  commit(model: GatewayModel): void {
    this.open = new Set(model.listeners.map(place));
  }
}
