// Who goes first while a backend has as many requests as it can take.

/** In the order in which they are admitted; who is last is shed first. */
export const ADMISSION_CLASSES = ['high', 'normal', 'low'] as const;

export type AdmissionClass = (typeof ADMISSION_CLASSES)[number];
