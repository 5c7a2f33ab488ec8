//! Ways in: how a connection comes by its tokens, keeps them fresh and gives them up.
//!
//! A connector declares its platform's ways as facts ([`AuthScheme`] in its `ConnectorInfo`); the flows here read them
//! and call through [`HttpService`](crate::http::HttpService). Nothing here stores anything: the engine does, and
//! guards each step with a lease.
//!
//! | scheme | how the first token comes | how the next one comes |
//! |---|---|---|
//! | authorization code | a person consents; PKCE S256, single-use state bound to tenant, platform and redirect | refresh token |
//! | client credentials | id and secret | the same again |
//! | JWT bearer | an assertion signed with RS256 | a new assertion |
//! | machine login | the platform's own login call | the same again |
//! | API key, pasted token | pasted | never: a person pastes another |

mod answer;
mod assertion;
mod callback;
mod credentials;
mod endpoint;
mod facts;
mod flow;
#[doc(hidden)]
pub mod reading;
mod revoke;
mod state;

pub use callback::Callback;
pub use credentials::{Credentials, Proof};
pub(crate) use credentials::{Renewal, Stored};
pub(crate) use endpoint::{Site, check_base_url};
pub(crate) use facts::BEARER;
pub use facts::{
    Answer, ApiKey, AuthScheme, BodyForm, ClientAuth, ClientCredentials, DataCentre, Endpoint, JwtBearer,
    Life, MachineLogin, OauthCode, Pkce, Revoke, RevokeForm, Rotation,
};
pub(crate) use flow::{Client, Desk, Granted};
pub(crate) use state::{Verifier, hash, new_state};
