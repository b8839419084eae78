// How a router that is left the choice orders models, and the refusals after which it asks others.

export const ROUTING_STRATEGIES = ['cost', 'quality', 'balanced'] as const;
export type RoutingStrategy = (typeof ROUTING_STRATEGIES)[number];

/** Classes of refusals that have targets of their own. */
export const FALLBACK_CLASSES = ['contextWindow', 'contentPolicy'] as const;
export type FallbackClass = (typeof FALLBACK_CLASSES)[number];
