/**
 * What stands between the port and the transports: the security filter chains, the admission of a
 * handshake, hosts, origins, limits by address, which scope a REST request needs, and the problem
 * documents that refusals are answered with. Used by the transports and REST endpoints only.
 */
@NullMarked
package dev.parley.security;

import org.jspecify.annotations.NullMarked;
