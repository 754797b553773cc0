package dev.parley.delivery;

import java.util.List;

/** The instance's lanes, fixed from the start. */
public record Lanes(List<? extends Lane> all) {

  public Lanes {
    all = List.copyOf(all);
  }

  /** The lane that owns whatever has this name, the same for as long as the instance lives. */
  public Lane home(Object name) {
    int hash = name.hashCode();
    return all.get(Math.floorMod(hash ^ (hash >>> 16), all.size()));
  }

  public int size() {
    return all.size();
  }
}
