/** First names of the synthetic passages; each is one token of bert-base-uncased. */
export const SYNTHETIC_NAMES: readonly string[] = `
  John Mark Ryan Anna Kenneth Johnny Carl Alice Grace Kyle Douglas James Mary Robert Michael William David Richard
  Joseph Thomas Charles Daniel Matthew Anthony Steven Paul Andrew George Edward Brian Kevin Jason Jacob Gary Nicholas
  Eric Jonathan Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Frank Patrick Raymond Jack Dennis Jerry
  Tyler Aaron Henry Adam Nathan Peter Walter Arthur Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Betty
  Sandra Margaret Ashley Emily Donna Michelle Carol Amanda Melissa Stephanie Rebecca Laura Helen Sharon Cynthia
  Kathleen Amy Angela Ruth Brenda Pamela Nicole Katherine Catherine Christine Rachel Carolyn Janet Emma Maria Heather
`
  .trim()
  .split(/\s+/);

/** What the people of the synthetic passages own; each is one token of bert-base-uncased. */
export const SYNTHETIC_OBJECTS: readonly string[] = `
  grapes apples bananas berries tomatoes potatoes onions beans nuts eggs cookies cakes books pens letters stamps cards
  coins stones rocks shells balls toys dolls boxes bags bottles cups plates glasses hats shirts shoes rings beads
  buttons keys tickets flowers roses
`
  .trim()
  .split(/\s+/);

/** The other words of the synthetic passages and questions. */
export const SYNTHETIC_TEMPLATE_WORDS: readonly string[] =
  "has gave to who what is the maximum number of owned either by or more max how many does have than".split(
    " ",
  );
