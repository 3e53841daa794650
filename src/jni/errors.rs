//! The one error policy of the cold natives: an [`Error`] becomes the Java exception of its code.

use jni::errors::{Error as JniError, ErrorPolicy};
use jni::objects::{JObject, JThrowable, JValue};
use jni::{Env, EnvUnowned, jni_sig, jni_str};

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::guard;

/// What a cold native fails with: one of our errors, or a JNI call that failed and left an exception pending.
pub(super) enum Failure {
    Keybed(Error),
    Jni(JniError),
}

impl From<Error> for Failure {
    fn from(e: Error) -> Self {
        Failure::Keybed(e)
    }
}

impl From<JniError> for Failure {
    fn from(e: JniError) -> Self {
        Failure::Jni(e)
    }
}

/// Runs a cold native: `body` under the panic guard, its failure thrown, a default returned then.
pub(super) fn cold<'local, T: Default>(
    env: &mut EnvUnowned<'local>,
    export: &'static str,
    body: impl FnOnce(&mut Env<'local>) -> std::result::Result<T, Failure>,
) -> T {
    env.with_env(|env| {
        guard::enter(export);
        let result = body(env);
        guard::leave(&result);
        result
    })
    .resolve::<Throw>()
}

/// Throws `dev.keybed.Errors.of(code, message)`. An exception that is already pending wins.
struct Throw;

impl<T: Default> ErrorPolicy<T, Failure> for Throw {
    type Captures<'unowned_env_local: 'native_method, 'native_method> = ();

    fn on_error<'unowned_env_local: 'native_method, 'native_method>(
        env: &mut Env<'unowned_env_local>,
        (): &mut (),
        failure: Failure,
    ) -> jni::errors::Result<T> {
        match failure {
            Failure::Keybed(error) => throw(env, &error)?,
            Failure::Jni(JniError::JavaException) => {}
            Failure::Jni(e) => {
                throw(env, &Error::new(ErrorKind::InvalidArgument, format!("bad argument: {e}")))?;
            }
        }
        Ok(T::default())
    }

    fn on_panic<'unowned_env_local: 'native_method, 'native_method>(
        env: &mut Env<'unowned_env_local>,
        (): &mut (),
        payload: Box<dyn std::any::Any + Send + 'static>,
    ) -> jni::errors::Result<T> {
        throw(env, &guard::of_payload(payload))?;
        Ok(T::default())
    }
}

fn throw(env: &mut Env<'_>, error: &Error) -> jni::errors::Result<()> {
    if env.exception_check() {
        return Ok(());
    }
    let message = env.new_string(error.message())?;
    // Looked up each time: see the module comment of this door on cached classes.
    let exception = env
        .call_static_method(
            jni_str!("dev/keybed/Errors"),
            jni_str!("of"),
            jni_sig!("(ILjava/lang/String;)Ljava/lang/RuntimeException;"),
            &[JValue::Int(error.code()), JValue::Object(&JObject::from(message))],
        )?
        .l()?;
    let exception = env.cast_local::<JThrowable>(exception)?;
    env.throw(exception)
}

/// A number from Java that must not be negative.
pub(super) fn size(what: &str, value: i32) -> Result<usize> {
    usize::try_from(value)
        .map_err(|_| Error::new(ErrorKind::InvalidArgument, format!("{what} must not be negative: {value}")))
}
