/**
 * Pages of docs/features that have still to be brought into the shape of such a page. Their examples are not run. A page
 * that has come into shape fails the test until it is taken off.
 */
export const NOT_YET: readonly string[] = [];
