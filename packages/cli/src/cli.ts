#!/usr/bin/env node
import { runProgram } from "./program";

// A reader that closes the pipe early (`| head`) has what it wanted: stop without a complaint.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await runProgram(process.argv.slice(2));
