// Everything the main thread does about regions and zones, joined: judging, showing, overriding, and the figures of it.
import type { GatewayModel } from '../model/gateway-model.ts';
import type { MetricRegistry } from '../telemetry/metric-registry.ts';
import { LocalityGauges } from './locality-gauges.ts';
import { LocalitySweeps, type SweepParts } from './locality-sweeps.ts';
import { RegionState } from './region-state.ts';

export class LocalityControl {
  readonly regions: RegionState;
  private readonly sweeps: LocalitySweeps;

  constructor(parts: SweepParts) {
    const { localities, isUsable } = parts;
    this.sweeps = new LocalitySweeps(parts);
    this.regions = new RegionState({ localities, sweeps: this.sweeps, isUsable });
  }

  /** A new configuration is in effect. */
  follow(model: GatewayModel, rows: Readonly<Record<string, number>>): void {
    this.regions.follow(model, rows);
    this.sweeps.follow(model, rows);
  }

  gauges(registry: MetricRegistry): LocalityGauges {
    return new LocalityGauges(registry, this.regions);
  }

  stop(): void {
    this.sweeps.stop();
  }
}
