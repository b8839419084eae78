// Regions as the admin API shows them and an operator overrides them, and the DNS answer that follows from them.
import type { DnsAnswerView, ForceRegionRequest, RegionsView, RegionView } from '../admin/admin-view.ts';
import type { Backend } from '../model/backend.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { regionNames, regionRowId } from '../model/row-ids.ts';
import { FORCED_IN, FORCED_OUT, isLeftOut, type LocalityTable } from '../state/locality-table.ts';
import { healthOf, type LocalitySweeps, membersOf, toRegionRules } from './locality-sweeps.ts';

export interface RegionParts {
  readonly localities: LocalityTable;
  readonly sweeps: LocalitySweeps;
  isUsable(backend: Backend, endpointId: string, nowMs: number): boolean;
}

export class RegionState {
  private readonly parts: RegionParts;
  private model: GatewayModel | undefined;
  private rows: Readonly<Record<string, number>> = {};

  constructor(parts: RegionParts) {
    this.parts = parts;
  }

  /** A new configuration is in effect. */
  follow(model: GatewayModel, rows: Readonly<Record<string, number>>): void {
    this.model = model;
    this.rows = rows;
  }

  private get names(): readonly string[] {
    return regionNames(this.model?.locality);
  }

  private bits(region: string): number {
    return this.parts.localities.outBits(this.rows[regionRowId(region)]);
  }

  private health(region: string, nowMs: number): number {
    if (this.model === undefined) return 0;
    return healthOf(membersOf(this.model, region), (backend, id) => this.parts.isUsable(backend, id, nowMs));
  }

  /** Takes requests if somebody sends them there. */
  private isIn(region: string, nowMs: number): boolean {
    return !isLeftOut(this.bits(region)) && this.health(region, nowMs) > 0;
  }

  /** Of the order of failover; the primary one when none is left. */
  private active(nowMs: number): string | undefined {
    const { regions = [] } = this.model?.locality?.failover ?? {};
    return regions.find((region) => this.isIn(region, nowMs)) ?? regions[0];
  }

  /** `active` takes requests now, `standby` would if those before it were left, `out` is left. */
  stateOf(region: string, nowMs: number): RegionView['state'] {
    if (!this.isIn(region, nowMs)) return 'out';
    const { geo, failover } = this.model?.locality ?? {};
    const isOfGeo = geo?.regions.some(({ name }) => name === region) === true;
    const isActive = isOfGeo || !failover?.regions.includes(region) || this.active(nowMs) === region;
    return isActive ? 'active' : 'standby';
  }

  private regionView(region: string, nowMs: number): RegionView {
    const { failover } = this.model?.locality ?? {};
    const position = failover?.regions.indexOf(region) ?? -1;
    const bits = this.bits(region);
    const watch = position === -1 ? undefined : this.parts.sweeps.watchOf(region);
    const health = this.health(region, nowMs);
    const backends = this.backendsIn(region, nowMs);
    const forced = (bits & FORCED_OUT) !== 0 ? 'out' : (bits & FORCED_IN) !== 0 ? 'in' : 'auto';
    return {
      name: region,
      ...(position !== -1 && { role: position === 0 ? ('primary' as const) : ('secondary' as const) }),
      state: this.stateOf(region, nowMs),
      force: forced,
      health,
      reasons: [
        ...(forced === 'out' ? ['an operator took it out'] : []),
        ...(health === 0 ? ['nothing in it can take requests'] : []),
        ...(watch?.reasons ?? []),
        ...backends.filter(({ tooSlow }) => tooSlow).map(({ name }) => `too slow for the backend ${name}`),
      ],
      ...(watch !== undefined &&
        failover !== undefined && {
          failover: {
            failed: watch.verdict.isOut,
            windows: watch.verdict.describe(),
            sinceSeconds: Math.round((nowMs - watch.verdict.sinceMs) / 1000),
            holdsForMs: watch.verdict.holdsForMs(toRegionRules(failover), nowMs),
            requests: watch.sample.requests,
            errors: watch.sample.errors,
            responseTimeMs: Math.round(watch.sample.responseTimeMs * 10) / 10,
          },
        }),
      backends,
    };
  }

  private backendsIn(region: string, nowMs: number): RegionView['backends'] {
    return (this.model?.backends ?? []).flatMap((backend) => {
      const members = backend.endpoints.filter((endpoint) => endpoint.region === region);
      if (members.length === 0) return [];
      const watch = this.parts.sweeps.placeOf(backend.name, 'region', region);
      return [
        {
          name: backend.name,
          endpoints: members.length,
          usable: members.filter(({ id }) => this.parts.isUsable(backend, id, nowMs)).length,
          latencyMs: Math.round((watch?.latencyMs ?? 0) * 10) / 10,
          tooSlow: watch?.slow.isOut === true,
        },
      ];
    });
  }

  view(nowMs: number): RegionsView {
    const dns = this.dns(nowMs);
    return { regions: this.names.map((name) => this.regionView(name, nowMs)), ...(dns !== undefined && { dns }) };
  }

  /** What a DNS server should say now: hosts of endpoints that are up, of the active region or of each region for its own clients. */
  private dns(nowMs: number): RegionsView['dns'] {
    const { failover } = this.model?.locality ?? {};
    if (failover?.dns === undefined) return undefined;
    const fallback = this.active(nowMs) ?? failover.regions[0];
    const answer = (asked: string): DnsAnswerView => {
      const region = failover.dns?.geographic === true && this.isIn(asked, nowMs) ? asked : fallback;
      return { for: asked, region, hosts: this.hostsOf(region, nowMs) };
    };
    return {
      ttlSeconds: Math.round(failover.dns.ttlMs / 1000),
      geographic: failover.dns.geographic,
      default: { for: '*', region: fallback, hosts: this.hostsOf(fallback, nowMs) },
      answers: failover.dns.geographic ? failover.regions.map(answer) : [],
    };
  }

  private hostsOf(region: string, nowMs: number): readonly string[] {
    if (this.model === undefined) return [];
    const members = membersOf(this.model, region).filter(([, { weight }]) => weight > 0);
    const up = members.filter(([backend, { id }]) => this.parts.isUsable(backend, id, nowMs));
    // Nothing up: all of them, rather than a name without an address.
    const shown = up.length > 0 ? up : members;
    return [...new Set(shown.map(([, { url }]) => new URL(url).hostname))];
  }

  /** Why it cannot be forced, or undefined when it is. */
  force({ region, force }: ForceRegionRequest): string | undefined {
    if (!this.names.includes(region)) return `there is no region "${region}"`;
    const row = this.rows[regionRowId(region)];
    this.parts.localities.setOut(row, FORCED_OUT, force === 'out');
    this.parts.localities.setOut(row, FORCED_IN, force === 'in');
    return undefined;
  }

  /** Names and states, for the gauge. */
  states(nowMs: number): readonly (readonly [region: string, state: RegionView['state']])[] {
    return this.names.map((name) => [name, this.stateOf(name, nowMs)]);
  }
}
