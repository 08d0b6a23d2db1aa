package chat

// PictureStore keeps pictures, named by what they are.
type PictureStore interface{}
