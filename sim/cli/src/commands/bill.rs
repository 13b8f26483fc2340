//! `koosim bill`: what a run charged, row by row and by month, and what its days cost.

use super::run::Draws;
use crate::exit::{Exit, Stop};
use crate::files::{begins_a_log, open, shown};
use crate::io::Io;
use crate::suite::{Wish, one_case};
use clap::ValueEnum;
use koosim_engine::log::{LogError, LogReader};
use koosim_engine::plan::DrawMode;
use koosim_engine::record::Record;
use koosim_engine::run::{Observer, Run, StepOutcome};
use koosim_model::bill::{Bills, Codes, Costs, Cycle, Row};
use koosim_model::name::AccountId;
use koosim_model::rulebook::BookError;
use koosim_model::rules::Rules;
use koosim_model::time::SimTime;
use koosim_reports::bill;
use std::io::BufRead;
use std::path::PathBuf;
use std::sync::Arc;

/// Show what a run was billed: rows, months, and cost by day
///
/// The run is a log or a scenario. The transaction bill has a row for each order, refund and
/// settlement; the detail bill has the same money by phone. Rows are written as they are read, so that
/// a log may have any length.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  koosim bill scenarios/suite/billing/auto-renewal.scenario.yaml
  koosim bill scenarios/suite/billing/auto-renewal.scenario.yaml \\
    --account acme --cycle 2024-04 --detail --format csv
  koosim run scenarios/suite/billing/auto-renewal.scenario.yaml \\
    --log target/run.jsonl && koosim bill target/run.jsonl --amortised")]
pub(crate) struct Args {
    /// A log or a scenario; `-` for standard input
    file: PathBuf,
    /// Only this account; may be given several times
    #[arg(long = "account", value_name = "NAME")]
    accounts: Vec<String>,
    /// Only this month; may be given several times
    #[arg(long = "cycle", value_parser = cycle, value_name = "YYYY-MM")]
    cycles: Vec<Cycle>,
    /// The detail bill: by phone
    #[arg(long)]
    detail: bool,
    /// What each day costs: what was paid ahead, spread over its days
    #[arg(long, conflicts_with = "detail")]
    amortised: bool,
    /// Of a scenario with several cases: the one whose name holds this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Of a scenario: another seed than the file's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Of a scenario: how to choose the instants that rules leave open
    #[arg(long, value_enum, value_name = "HOW")]
    draws: Option<Draws>,
    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How bills are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Pretty,
    /// One JSON value.
    Json,
    /// Rows, for a spreadsheet.
    Csv,
}

fn cycle(text: &str) -> Result<Cycle, String> {
    Cycle::parse(text).ok_or_else(|| "write the month as `2024-03`".to_owned())
}

/// Shows the bills.
pub(crate) fn run(args: &Args, io: &mut Io) -> Result<Exit, Stop> {
    let name = shown(&args.file);
    let mut from = open(&args.file)?;
    let writer = if begins_a_log(&name, &mut *from)? {
        of_log(args, &name, from, io)?
    } else {
        let wish = Wish { seed: args.seed, draws: args.draws.map(DrawMode::from) };
        let scenario = one_case(&name, from, args.only.as_deref(), wish, io)?;
        let run = Run::new(&scenario.name, Arc::clone(&scenario.plan));
        let mut run = run.map_err(|error| Stop::unusable(error.to_string()))?;
        let rules = run.world().rules().clone();
        let mut writer = Writer::new(args, &name, rules, io)?;
        let summary = run.finish(&mut writer).map_err(|error| Stop::internal(error.to_string()))?;
        writer.end = summary.end;
        writer
    };
    writer.finish()
}

fn of_log<'a>(
    args: &'a Args,
    name: &str,
    from: impl BufRead,
    io: &'a mut Io,
) -> Result<Writer<'a>, Stop> {
    let wrong = |error: LogError| Stop::unusable(format!("`{name}`: {error}"));
    let mut reader = LogReader::new(from).map_err(wrong)?;
    let rules = reader.header().book.rules().map_err(|errors: Vec<BookError>| {
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        Stop::unusable(format!("`{name}`: {}", errors.join("; ")))
    })?;
    let mut writer = Writer::new(args, name, rules, io)?;
    while let Some(record) = reader.next_record().map_err(wrong)? {
        writer.take(&record).map_err(|stop| Stop {
            message: format!("`{name}`: line {}: {}", reader.line(), stop.message),
            ..stop
        })?;
    }
    writer.end = reader.footer().map_or(writer.end, |footer| footer.end);
    Ok(writer)
}

/// Writes rows as records are read.
struct Writer<'a> {
    args: &'a Args,
    io: &'a mut Io,
    rules: Rules,
    codes: Codes,
    bills: Bills,
    costs: Costs,
    rows: u64,
    end: SimTime,
    /// What went wrong while a run was looked at.
    stopped: Option<Stop>,
}

impl<'a> Writer<'a> {
    fn new(args: &'a Args, name: &str, rules: Rules, io: &'a mut Io) -> Result<Self, Stop> {
        let codes = Codes::of(&rules).map_err(|error| Stop::internal(error.to_string()))?;
        match args.format {
            Format::Pretty => {}
            Format::Csv if args.amortised => io.data(bill::csv_cost_head())?,
            Format::Csv => io.data(&bill::csv_head())?,
            Format::Json => {
                let (version, of) = (bill::VERSION, serde_json::Value::from(name));
                io.data(&format!("{{\n\"version\": {version},\n\"of\": {of},\n\"rows\": ["))?;
            }
        }
        let (bills, costs, end) = (Bills::default(), Costs::default(), SimTime::EPOCH);
        Ok(Self { args, io, rules, codes, bills, costs, rows: 0, end, stopped: None })
    }

    fn wants(args: &Args, account: &AccountId, cycle: Cycle) -> bool {
        let named =
            args.accounts.is_empty() || args.accounts.iter().any(|name| name == account.as_str());
        named && (args.cycles.is_empty() || args.cycles.contains(&cycle))
    }

    fn take(&mut self, record: &Record) -> Result<(), Stop> {
        self.end = record.at;
        let Some(event) = record.event() else { return Ok(()) };
        let (at, account) = (record.at, &record.account);
        let wrong = |error: koosim_model::decision::Fault| Stop::unusable(error.to_string());
        let rows = self.bills.take(&self.rules, at, account, event).map_err(wrong)?;
        if self.args.amortised {
            return self.costs.take(&self.rules, at, account, event).map_err(wrong);
        }
        let rows = if self.args.detail { rows.detail } else { rows.transaction };
        for row in rows.iter().filter(|row| Self::wants(self.args, account, row.cycle)) {
            self.row(account, row)?;
        }
        Ok(())
    }

    fn row(&mut self, account: &AccountId, row: &Row) -> Result<(), Stop> {
        match self.args.format {
            Format::Pretty => self.io.data(&bill::pretty_row(account, row)),
            Format::Csv => self.io.data(&bill::csv_row(account, row, &self.codes)),
            Format::Json => {
                let json = bill::json_row(account, row, &self.codes);
                let json = json.map_err(|error| Stop::internal(error.to_string()))?;
                self.json_item(&json)
            }
        }
    }

    fn json_item(&mut self, json: &serde_json::Value) -> Result<(), Stop> {
        let comma = if self.rows > 0 { "," } else { "" };
        self.rows += 1;
        self.io.data(&format!("{comma}\n{json}"))
    }

    fn finish(mut self) -> Result<Exit, Stop> {
        if let Some(stop) = self.stopped {
            return Err(stop);
        }
        for name in &self.args.accounts {
            let known = AccountId::new(name).is_ok_and(|id| self.bills.currency(&id).is_some());
            if !known {
                return Err(Stop::unusable(format!("there is no account `{name}`")));
            }
        }
        let costs = std::mem::take(&mut self.costs);
        let args = self.args;
        for (account, day, cost) in
            bill::costs(&costs, |account, cycle| Self::wants(args, account, cycle))
        {
            match args.format {
                Format::Pretty => self.io.data(&bill::pretty_cost(account, day, cost))?,
                Format::Csv => self.io.data(&bill::csv_cost(account, day, cost))?,
                Format::Json => self.json_item(&bill::json_cost(account, day, cost))?,
            }
        }
        self.months()?;
        Ok(Exit::Pass)
    }

    /// The sums by account and month, which follow the rows.
    fn months(&mut self) -> Result<(), Stop> {
        let wrong = |error: koosim_model::money::MoneyError| Stop::internal(error.to_string());
        let mut months = Vec::new();
        for (account, cycle, of) in self.bills.all() {
            if Self::wants(self.args, account, cycle) {
                let state = self.bills.state(&self.rules, account, cycle, self.end);
                months.push(bill::MonthBill { account, cycle, bill: of, state });
            }
        }
        match self.args.format {
            Format::Csv => Ok(()),
            Format::Json => {
                let months =
                    months.iter().map(bill::MonthBill::json).collect::<Result<Vec<_>, _>>();
                let months = serde_json::Value::from(months.map_err(wrong)?);
                self.io.data(&format!("\n],\n\"months\": {months:#}\n}}\n"))
            }
            Format::Pretty => {
                let as_of = format!("\nas of {} (UTC+8)\n", self.end.wall());
                self.io.data(&as_of)?;
                for month in &months {
                    self.io.data(&month.pretty().map_err(wrong)?)?;
                }
                Ok(())
            }
        }
    }
}

impl Observer for Writer<'_> {
    fn record(&mut self, record: &Record) {
        if self.stopped.is_none() {
            self.stopped = self.take(record).err();
        }
    }
    fn step(&mut self, _: &Run, _: usize, _: StepOutcome) {}
}
