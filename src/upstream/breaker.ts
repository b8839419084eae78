// Whether an endpoint of a backend may be asked now: breakers, ejected outliers and active health checks behind one small face.
// Asked by runtime/forward.ts before each attempt, and told what became of it.

import type { HealthPool } from '../state/health-table.ts';
import type { OutlierPool } from '../state/outlier-table.ts';
import { ADMISSIONS, isProbe, type Outcome, REFUSED, type SharedBreaker, UNCOUNTED } from '../state/shared-breaker.ts';
import { type AttemptResult, outcomeOf } from './attempt-result.ts';
import { failuresIn } from './outlier.ts';

/** What `admit` gives when the backend itself is out: its other endpoints need not be asked. */
export const BACKEND_REFUSED = -1;
export const ENDPOINT_REFUSED = 0;

export interface GuardParts {
  /** Undefined without a circuit breaker. */
  readonly backend: SharedBreaker | undefined;
  /** By index of the endpoint; empty for a backend of one endpoint, whose breaker is the backend's. */
  readonly endpoints: readonly SharedBreaker[];
  /** Undefined without outlier detection. */
  readonly outliers: OutlierPool | undefined;
  /** Undefined without active health checks. */
  readonly health: HealthPool | undefined;
}

/** hot: an admission is one number – index, endpoint's, backend's – so that nothing is allocated per attempt. */
export class BackendGuard {
  private readonly backend: SharedBreaker | undefined;
  private readonly endpoints: readonly SharedBreaker[];
  private outliers: OutlierPool | undefined;
  private readonly health: HealthPool | undefined;

  constructor(parts: GuardParts) {
    this.backend = parts.backend;
    this.endpoints = parts.endpoints;
    this.outliers = parts.outliers;
    this.health = parts.health;
  }

  /** The breaker of the backend would let a request through. */
  isBackendUsable(nowMs: number): boolean {
    return this.backend === undefined || this.backend.wouldAdmit(nowMs);
  }

  /** Until the first of its breakers lets a request try; 0 = nobody knows. */
  opensForMs(nowMs: number): number {
    const ofBackend = this.backend?.opensForMs(nowMs) ?? 0;
    if (ofBackend > 0) return ofBackend;
    const ofEndpoints = this.endpoints.map((endpoint) => endpoint.opensForMs(nowMs)).filter((ms) => ms > 0);
    return ofEndpoints.length === 0 ? 0 : Math.min(...ofEndpoints);
  }

  /** Some breaker, the backend's or an endpoint's, lets nothing through. */
  isShut(nowMs: number): boolean {
    return !this.isBackendUsable(nowMs) || this.endpoints.some((endpoint) => !endpoint.wouldAdmit(nowMs));
  }

  /**
   * The endpoint may be chosen. An ejected one is asked only when there is no other: its ejection is a guess from traffic. An open
   * breaker and a failing health check are what somebody said of the endpoint: `admit` refuses it (ADR 0011).
   */
  isEndpointUsable(index: number, nowMs: number): boolean {
    if (this.health?.isOut(index) === true) return false;
    if (this.outliers?.isEjected(index, nowMs) === true) return false;
    return index >= this.endpoints.length || this.endpoints[index].wouldAdmit(nowMs);
  }

  /** For explanations: state of the backend's breaker; undefined without one. */
  backendState(nowMs: number): ReturnType<SharedBreaker['stateAt']> | undefined {
    return this.backend?.stateAt(nowMs);
  }

  /** Why the endpoint may not be chosen now, all reasons. */
  outReasons(index: number, nowMs: number): readonly string[] {
    const ejection = this.outliers?.isEjected(index, nowMs) === true ? this.outliers.ejection(index, nowMs) : undefined;
    const own = index < this.endpoints.length ? this.endpoints[index] : undefined;
    return [
      ...(this.health?.isOut(index) === true ? ['fails its health check'] : []),
      ...(ejection === undefined ? [] : [`ejected as an outlier (${ejection.cause})`]),
      ...(own === undefined || own.wouldAdmit(nowMs) ? [] : [`its circuit breaker is ${own.stateAt(nowMs)}`]),
    ];
  }

  /** A positive answer goes back through `settle` exactly once; the others mean no. */
  admit(index: number, nowMs: number): number {
    if (this.health?.isOut(index) === true) return ENDPOINT_REFUSED;
    const ofBackend = this.backend === undefined ? UNCOUNTED : this.backend.admit(nowMs);
    if (ofBackend === REFUSED) return BACKEND_REFUSED;
    const ofEndpoint = index < this.endpoints.length ? this.endpoints[index].admit(nowMs) : UNCOUNTED;
    if (ofEndpoint !== REFUSED) return (index * ADMISSIONS + ofEndpoint) * ADMISSIONS + ofBackend;
    this.backend?.record('abandoned', ofBackend, nowMs);
    return ENDPOINT_REFUSED;
  }

  /**
   * The endpoints are others now, and another guard watches them. Tries under way still settle here; but they eject nobody, and
   * who is `gone` is in: as out it would be counted for ever, since nobody looks whether its time is over.
   */
  retire(gone: readonly number[], nowMs: number): void {
    for (const index of gone) this.outliers?.readmit(index, nowMs);
    this.outliers = undefined;
  }

  /** Refused by its health check, not by a breaker. */
  isUnhealthy(index: number): boolean {
    return this.health?.isOut(index) === true;
  }

  settle(admission: number, result: AttemptResult, nowMs: number): void {
    const outcome = outcomeOf(result);
    const ofEndpoint = Math.floor(admission / ADMISSIONS) % ADMISSIONS;
    const index = Math.floor(admission / (ADMISSIONS * ADMISSIONS));
    if (this.outliers !== undefined && outcome !== 'abandoned') this.outliers.record(index, failuresIn(result), nowMs);
    if (index < this.endpoints.length) this.endpoints[index].record(outcome, ofEndpoint, nowMs);
    this.tellBackend(outcome, admission % ADMISSIONS, nowMs);
  }

  /**
   * Where endpoints have breakers of their own, a failure of one is no failure of the backend: a dead endpoint under load fails
   * many times in a row, and healthy ones would be refused with it. Their backend opens when none of them is left (ADR 0017).
   */
  private tellBackend(outcome: Outcome, admission: number, nowMs: number): void {
    const { backend, endpoints } = this;
    if (backend === undefined) return;
    const isFailure = outcome === 'failure' || outcome === 'throttled';
    if (!isFailure || endpoints.length === 0 || isProbe(admission)) backend.record(outcome, admission, nowMs);
    else if (this.isNobodyLeft(nowMs)) backend.openAtOnce(admission, nowMs);
  }

  private isNobodyLeft(nowMs: number): boolean {
    for (let index = 0; index < this.endpoints.length; index++)
      if (this.endpoints[index].wouldAdmit(nowMs) && this.health?.isOut(index) !== true) return false;
    return true;
  }
}

/** Somebody waits for the outcome: it is told as soon as the head of the answer is there, not at the end of a long stream. */
export function isProbing(admission: number): boolean {
  return admission > 0 && (isProbe(admission % ADMISSIONS) || isProbe(Math.floor(admission / ADMISSIONS)));
}
