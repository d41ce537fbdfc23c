import { expect, test } from "vitest";
import { resumeCommand } from "../src/resumeCommand";

test("repeats what was typed, with one model to resume, for a shell", () => {
  const typed = ["embed", "train", "-train", "my text", "-resume", "old", "-cbow", "0"];
  expect(resumeCommand("it's new", typed)).toMatch(
    / embed train -train 'my text' -cbow 0 --resume 'it'\\''s new'$/,
  );
  expect(resumeCommand("b", ["embed", "glove", "--resume=a"])).toMatch(/ embed glove --resume b$/);
});
