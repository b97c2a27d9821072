/** How a maker comes to an image that fits: a remedy. */
export const signAgain = (how: string): string => `Sign it again ${how}, or ask its maker to.`;
