// The closed list of filter stages, in the order they run. There are no numbers: inside a stage the order is that of the registry.

export const STAGES = ['guard', 'authenticate', 'authorize', 'limit', 'transform', 'cache'] as const;

export type Stage = (typeof STAGES)[number];
