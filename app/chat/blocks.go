package chat

// BlockStore keeps who wants nothing to do with whom.
type BlockStore interface{}
