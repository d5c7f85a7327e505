"""The main job on real schools and made-up people: one case climbs the whole ladder under a clock that jumps."""
