/**
 * Tests of tfjs-core that this backend does not pass, and why: `[pattern of the test's name, reason]`. An unlisted
 * failure ends the run, and so does a line that no failure matches any more.
 */
export const exceptions = [];
