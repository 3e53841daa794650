package dev.keybed.cluster;

import java.util.Iterator;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;

/** Joins the orders of a user with their payments, whichever comes first, and gives up on those whose other half does not come. */
final class Join extends KeyedCoProcessFunction<Long, Event, Event, String> {
    /** For so much event time one half waits for the other; it comes within {@code 15 * Input.STEP}. */
    private static final long WAIT_MILLIS = 10_000;

    private static final long serialVersionUID = 1L;

    /** By the number of the order: amount and time. */
    private transient MapState<Long, Tuple2<Long, Long>> orders;
    /** The same of the payments. */
    private transient MapState<Long, Tuple2<Long, Long>> payments;

    @Override
    public void open(OpenContext context) {
        orders = half("orders");
        payments = half("payments");
    }

    private MapState<Long, Tuple2<Long, Long>> half(String name) {
        return getRuntimeContext()
                .getMapState(new MapStateDescriptor<>(name, Types.LONG, Types.TUPLE(Types.LONG, Types.LONG)));
    }

    @Override
    public void processElement1(Event order, Context context, Collector<String> out) throws Exception {
        Tuple2<Long, Long> payment = payments.get(order.number);
        if (payment != null) {
            payments.remove(order.number);
            out.collect(line(order.number, order.amount, payment.f0));
        } else {
            orders.put(order.number, Tuple2.of(order.amount, order.time));
            context.timerService().registerEventTimeTimer(order.time + WAIT_MILLIS);
        }
    }

    @Override
    public void processElement2(Event payment, Context context, Collector<String> out) throws Exception {
        Tuple2<Long, Long> order = orders.get(payment.order);
        if (order != null) {
            orders.remove(payment.order);
            out.collect(line(payment.order, order.f0, payment.amount));
        } else {
            payments.put(payment.order, Tuple2.of(payment.amount, payment.time));
            context.timerService().registerEventTimeTimer(payment.time + WAIT_MILLIS);
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<String> out) throws Exception {
        for (Iterator<Map.Entry<Long, Tuple2<Long, Long>>> i = orders.iterator(); i.hasNext(); ) {
            Map.Entry<Long, Tuple2<Long, Long>> order = i.next();
            if (order.getValue().f1 + WAIT_MILLIS <= timestamp) {
                out.collect(line(order.getKey(), order.getValue().f0, -1));
                // Last: of an entry that is removed there is no value, here as in Flink's RocksDB backend.
                i.remove();
            }
        }
        for (Iterator<Map.Entry<Long, Tuple2<Long, Long>>> i = payments.iterator(); i.hasNext(); ) {
            Map.Entry<Long, Tuple2<Long, Long>> payment = i.next();
            if (payment.getValue().f1 + WAIT_MILLIS <= timestamp) {
                out.collect(line(payment.getKey(), -1, payment.getValue().f0));
                i.remove();
            }
        }
    }

    /** An amount of -1: there was none. */
    static String line(long order, long ordered, long paid) {
        return "join " + order + " " + ordered + " " + paid;
    }
}
