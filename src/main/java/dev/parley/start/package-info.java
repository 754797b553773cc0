/**
 * What somebody meets who starts the service: settings that do not exist or have a value that
 * cannot be used fail the start with a sentence, and the last lines in the log say what is open
 * where. May use every other package; used by none.
 */
@NullMarked
package dev.parley.start;

import org.jspecify.annotations.NullMarked;
