package redis

// namespace begins every key and every channel, so that a Redis user needs the rights to
// one pattern: ~parley:* and &parley:*.
const namespace = "parley:"
