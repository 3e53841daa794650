package dev.keybed;

/**
 * An exception of this library. All three kinds implement it, so that a caller can catch by Java class (what to do) or
 * by code (what happened):
 *
 * <ul>
 *   <li>{@link KeybedStateException}, an {@link IllegalStateException}: the object cannot do this now;
 *   <li>{@link KeybedArgumentException}, an {@link IllegalArgumentException}: an argument is wrong;
 *   <li>{@link KeybedException}: the world outside failed (files, memory, the engine).
 * </ul>
 */
public interface Coded {

    /**
     * What happened.
     *
     * @return the code, never null
     */
    ErrorCode errorCode();

    /**
     * What happened, in words.
     *
     * @return the message, never null
     */
    String getMessage();
}
