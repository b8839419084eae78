// How the streamed answers of an AI backend are watched.

export interface StreamSettings {
  /** Longest wait for the first useful part; 0 = none. Default 0. */
  readonly firstTokenMs?: number;
  /** A client that hears nothing for so long gets an event that says nothing; 0 = never. Default 15 s. */
  readonly heartbeatMs?: number;
  /** What an endpoint must keep up. Default none. */
  readonly minimumRate?: { readonly bytesPerSecond: number; readonly windowMs: number };
}
