package chat

// SignInResult is the outcome of a sign-in. The values are label values of metrics.
type SignInResult string

// Results of a sign-in. A flow that its person leaves at the provider has none.
const (
	SignInOK           SignInResult = "ok"
	SignInDenied       SignInResult = "denied"        // by the provider or the person there
	SignInStale        SignInResult = "stale"         // too late, used before, or another browser's
	SignInLimited      SignInResult = "limited"       // rate limit of the address exceeded
	SignInProviderDown SignInResult = "provider_down" // the provider does not answer
	SignInInvalidReply SignInResult = "invalid_reply" // the provider's reply is refused
	SignInRefused      SignInResult = "refused"       // the typed name is invalid
	SignInFailed       SignInResult = "failed"        // an error of Parley or its dependencies
)

// SignInResults lists every SignInResult.
func SignInResults() []SignInResult {
	return []SignInResult{
		SignInOK,
		SignInDenied,
		SignInStale,
		SignInLimited,
		SignInProviderDown,
		SignInInvalidReply,
		SignInRefused,
		SignInFailed,
	}
}
