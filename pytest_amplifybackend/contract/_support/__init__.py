"""What the contract suite's tests stand on: targets, states, samples, divergences."""
