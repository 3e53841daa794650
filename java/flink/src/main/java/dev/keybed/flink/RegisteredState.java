package dev.keybed.flink;

import dev.keybed.PartSize;
import dev.keybed.Session;
import dev.keybed.State;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;

/** A state of the job, restored or in use: what Flink knows of it beside the native state. */
final class RegisteredState<N, V> {
    private final State nativeState;
    private RegisteredKeyValueStateBackendMetaInfo<N, V> metaInfo;

    private RegisteredState(State nativeState, RegisteredKeyValueStateBackendMetaInfo<N, V> metaInfo) {
        this.nativeState = nativeState;
        this.metaInfo = metaInfo;
    }

    /** Opens the native state, or makes it. */
    static <N, V> RegisteredState<N, V> open(Session session, RegisteredKeyValueStateBackendMetaInfo<N, V> metaInfo) {
        return new RegisteredState<>(
                open(session, metaInfo.getName(), metaInfo.getStateType(), KeyParts.sizeOf(metaInfo.getNamespaceSerializer())),
                metaInfo);
    }

    /** Opens a state in any session of the store. */
    static State open(Session session, String name, StateDescriptor.Type type, PartSize namespace) {
        String nativeName = StateNames.of(name);
        return switch (type) {
            case LIST -> session.listState(nativeName, namespace);
            case MAP -> session.mapState(nativeName, namespace);
            default -> session.valueState(nativeName, namespace);
        };
    }

    State nativeState() {
        return nativeState;
    }

    RegisteredKeyValueStateBackendMetaInfo<N, V> metaInfo() {
        return metaInfo;
    }

    void setMetaInfo(RegisteredKeyValueStateBackendMetaInfo<N, V> metaInfo) {
        this.metaInfo = metaInfo;
    }

    boolean isMap() {
        return metaInfo.getStateType() == StateDescriptor.Type.MAP;
    }
}
