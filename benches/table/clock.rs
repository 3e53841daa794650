//! Clocks, and what the machine did to the thread meanwhile.
#![allow(unsafe_code, reason = "system calls and the time stamp counter")]

use std::time::{Duration, Instant};

/// Processor time of this thread: on a shared machine the figure that means something.
pub(crate) fn thread_cpu() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec, which is ours.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(status, 0);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// What one piece of work took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) cpu: Duration,
    pub(crate) wall: Duration,
}

pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (Span, T) {
    let (wall, cpu) = (Instant::now(), thread_cpu());
    let out = work();
    (Span { cpu: thread_cpu() - cpu, wall: wall.elapsed() }, out)
}

/// Lets nothing later begin before everything earlier is done, guesses included.
#[inline(always)]
pub(crate) fn settle() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the instruction is part of every x86-64.
    unsafe {
        std::arch::x86_64::_mm_lfence();
    }
    #[cfg(not(target_arch = "x86_64"))]
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}

/// A point in time in units of its own, read in about ten nanoseconds and never before earlier work is done.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn ticks() -> u64 {
    settle();
    // SAFETY: the instruction is part of every x86-64.
    unsafe { std::arch::x86_64::_rdtsc() }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(crate) fn ticks() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec, which is ours.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Measured, because the counter's rate is not its processor's.
pub(crate) fn ticks_per_nanosecond() -> f64 {
    let (wall, start) = (Instant::now(), ticks());
    std::thread::sleep(Duration::from_millis(200));
    let passed = ticks() - start;
    passed as f64 / wall.elapsed().as_nanos() as f64
}

/// What has happened to this thread since it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Disturbances {
    /// Context switches, wanted or not.
    pub(crate) switches: i64,
    /// Page faults.
    pub(crate) faults: i64,
}

impl Disturbances {
    pub(crate) fn now() -> Disturbances {
        // SAFETY: plain integers, for which zero is a value.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: writes one rusage, which is ours.
        let status = unsafe { libc::getrusage(libc::RUSAGE_THREAD, &raw mut usage) };
        assert_eq!(status, 0);
        Disturbances { switches: usage.ru_nivcsw + usage.ru_nvcsw, faults: usage.ru_minflt + usage.ru_majflt }
    }
}

/// Resident memory of the process in bytes.
pub(crate) fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split_whitespace().nth(1).unwrap().parse().unwrap();
    // SAFETY: reads a constant of the system.
    pages * unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as u64
}
