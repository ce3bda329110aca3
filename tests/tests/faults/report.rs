//! Runs faults one after the other, and tells what came of them.

use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;

use futures_util::FutureExt as _;

use crate::trial::Figures;
use crate::world::World;

/// Something that goes wrong.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    /// What happens, in a few words.
    pub(crate) text: &'static str,
    pub(crate) run: for<'w> fn(&'w mut World) -> Pin<Box<dyn Future<Output = Figures> + 'w>>,
}

/// Names a fault: `fault!(database::killed, "text")`.
macro_rules! fault {
    ($module:ident::$case:ident, $text:literal) => {
        $crate::report::Fault {
            name: concat!(stringify!($module), "::", stringify!($case)),
            text: $text,
            run: |world| Box::pin($crate::$module::$case(world)),
        }
    };
}

pub(crate) use fault;

/// Runs them, and answers the table and every promise that was not kept. `keep` gets the table after each.
pub(crate) async fn run(
    world: &mut World,
    faults: &[Fault],
    keep: impl Fn(&str),
) -> (String, Vec<String>) {
    let mut table = String::from(
        "| Fault | Promised | Requests | Not answered as always | Acknowledged | Lost | Doubled | Wrong | Slowest | Well again after |\n\
         | --- | --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let mut broken = Vec::new();
    for fault in faults {
        eprintln!("{:?} {} ...", world.engine, fault.name);
        let figures = AssertUnwindSafe((fault.run)(world)).catch_unwind().await;
        let figures = figures.unwrap_or_else(|panic| Figures {
            promised: "",
            violations: vec![told(&*panic)],
            ..Figures::default()
        });
        for violation in &figures.violations {
            let line = format!("{:?} {}: {violation}", world.engine, fault.name);
            eprintln!("{line}");
            broken.push(line);
        }
        row(&mut table, fault, &figures);
        keep(&table);
        world.heal().await;
    }
    (table, broken)
}

fn row(table: &mut String, fault: &Fault, figures: &Figures) {
    let refused: Vec<String> = figures
        .refused
        .iter()
        .map(|(what, count)| format!("{count} × {what}"))
        .collect();
    let refused = if refused.is_empty() {
        "none".to_owned()
    } else {
        refused.join(", ")
    };
    let mut promised = vec![figures.promised.to_owned()];
    promised.extend(figures.notes.iter().cloned());
    let mark = if figures.violations.is_empty() {
        ""
    } else {
        " **broken**"
    };
    writeln!(
        table,
        "| {}{mark} | {} | {} | {refused} | {} | {} | {} | {} | {:.2} s | {:.1} s |",
        fault.text,
        promised.join("; "),
        figures.requests,
        figures.acknowledged,
        figures.lost,
        figures.doubled,
        figures.wrong,
        figures.slowest.as_secs_f64(),
        figures.recovery.as_secs_f64(),
    )
    .unwrap();
}

fn told(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("it panicked").to_owned()
}
