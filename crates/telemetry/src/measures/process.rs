//! The process itself, as Linux knows it when somebody asks. The names are those of Prometheus' own clients.

use std::sync::{Arc, Mutex, PoisonError};

use procfs::process::{LimitValue, Process as Proc};
use procfs::{ProcResult, WithCurrentSystemInfo as _};
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Counter, Error, Gauge, IntGauge};

#[derive(Clone)]
pub(super) struct Process {
    /// Brought up to date by one scrape at a time.
    cpu: Arc<Mutex<Counter>>,
    start: Gauge,
    resident: IntGauge,
    virtual_memory: IntGauge,
    open_fds: IntGauge,
    max_fds: IntGauge,
    threads: IntGauge,
}

impl Process {
    pub(super) fn new() -> Result<Self, Error> {
        Ok(Self {
            cpu: Arc::new(Mutex::new(Counter::new(
                "process_cpu_seconds_total",
                "Processor time that the process used.",
            )?)),
            start: Gauge::new("process_start_time_seconds", "When the process started.")?,
            resident: IntGauge::new(
                "process_resident_memory_bytes",
                "Memory that the process has in use.",
            )?,
            virtual_memory: IntGauge::new(
                "process_virtual_memory_bytes",
                "Memory that the process has reserved.",
            )?,
            open_fds: IntGauge::new("process_open_fds", "Open files, connections among them.")?,
            max_fds: IntGauge::new("process_max_fds", "The most files that may be open.")?,
            threads: IntGauge::new("process_threads", "Threads of the process.")?,
        })
    }

    fn look(&self, cpu: &Counter) -> ProcResult<()> {
        let int = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        let process = Proc::myself()?;
        let stat = process.stat()?;
        // Ticks come a hundred times a second.
        let seconds = |ticks: u64| {
            let (whole, rest) = (
                ticks / procfs::ticks_per_second(),
                ticks % procfs::ticks_per_second(),
            );
            float(whole) + float(rest) / float(procfs::ticks_per_second())
        };
        cpu.inc_by((seconds(stat.utime + stat.stime) - cpu.get()).max(0.0));
        self.start
            .set(float(procfs::boot_time_secs()?) + seconds(stat.starttime));
        self.resident.set(int(stat.rss_bytes().get()));
        self.virtual_memory.set(int(stat.vsize));
        self.threads.set(stat.num_threads);
        let open = process.fd_count()?;
        self.open_fds.set(i64::try_from(open).unwrap_or(i64::MAX));
        if let LimitValue::Value(most) = process.limits()?.max_open_files.soft_limit {
            self.max_fds.set(int(most));
        }
        Ok(())
    }

    fn gauges(&self) -> [&IntGauge; 5] {
        [
            &self.resident,
            &self.virtual_memory,
            &self.open_fds,
            &self.max_fds,
            &self.threads,
        ]
    }
}

/// Exact for what a process can have of seconds.
fn float(value: u64) -> f64 {
    f64::from(u32::try_from(value).unwrap_or(u32::MAX))
}

impl Collector for Process {
    fn desc(&self) -> Vec<&Desc> {
        let gauges = self.gauges().into_iter().flat_map(Collector::desc);
        gauges.chain(self.start.desc()).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let cpu = self.cpu.lock().unwrap_or_else(PoisonError::into_inner);
        // Where there is no /proc, nothing is known.
        if self.look(&cpu).is_err() {
            return Vec::new();
        }
        let gauges = self.gauges().into_iter().flat_map(Collector::collect);
        let others = cpu.collect().into_iter().chain(self.start.collect());
        gauges.chain(others).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_knows_itself() {
        let registry = prometheus::Registry::new();
        registry
            .register(Box::new(Process::new().unwrap()))
            .unwrap();
        let families = registry.gather();
        let value = |name: &str| {
            let family = families.iter().find(|family| family.name() == name);
            let metric = &family.unwrap().get_metric()[0];
            metric.get_gauge().get_value() + metric.get_counter().get_value()
        };
        for name in [
            "process_resident_memory_bytes",
            "process_open_fds",
            "process_max_fds",
            "process_threads",
        ] {
            assert!(value(name) > 0.0, "{name}");
        }
        // After 2020.
        assert!(value("process_start_time_seconds") > 1_577_836_800.0);
        assert!(value("process_cpu_seconds_total") >= 0.0);
    }
}
