// The page of `entropy report`: one file, without scripts and without a reference to anything outside. All that comes
// from outside - names, descriptions, what plugins say - goes through html().
#include "cli/entropy_report.hpp"
#include "cli/foreign_text.hpp"
#include "cli/svg_pictures.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace ntpkeygen::cli {
namespace {

constexpr std::string_view style = R"css(
:root { color-scheme: light dark;
  --page: #ffffff; --ink: #1c2126; --soft: #59636e; --line: #d3d9df; --panel: #f4f6f8;
  --data: #2f6db0; --mark: #a3340f; --mark-back: #fdeee7; --good: #1c6b3a;
  --warn: #5c4300; --warn-back: #fff6dc; --warn-line: #d9a400; }
@media (prefers-color-scheme: dark) { :root {
  --page: #15181c; --ink: #e4e8ec; --soft: #a2acb6; --line: #3a424b; --panel: #1e2329;
  --data: #6ea8e6; --mark: #ff9d76; --mark-back: #3a231a; --good: #74cf97;
  --warn: #f3dc9b; --warn-back: #332a10; --warn-line: #b58b10; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 60rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif; overflow-wrap: break-word; }
bdi, h2, .mono, .facts td { overflow-wrap: anywhere; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 3rem 0 .75rem; padding-top: 1rem; border-top: 2px solid var(--ink); }
h3 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
p { margin: .5rem 0; }
.soft, figcaption { color: var(--soft); }
.small { font-size: .875rem; }
.table { overflow-x: auto; }
.table + .table { margin-top: 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
caption { text-align: left; color: var(--soft); font-size: .875rem; padding: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
thead th, thead td { border-bottom-color: var(--ink); overflow-wrap: normal; }
tbody th { font-weight: normal; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.facts th { width: 13rem; color: var(--soft); }
.facts td, .mono { font-variant-numeric: tabular-nums; }
.mono { font-family: ui-monospace, "Liberation Mono", Menlo, Consolas, monospace; font-size: .85em; }
tr.limiting { background: var(--mark-back); }
tr.limiting th, .lowest, .fail { color: var(--mark); font-weight: 600; }
td.lowest { white-space: nowrap; }
.pass { color: var(--good); }
.result { background: var(--panel); border: 1px solid var(--line); border-radius: .4rem; padding: .75rem 1rem; margin: 1rem 0; }
.result strong { font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.warning { color: var(--warn); background: var(--warn-back); border: 1px solid var(--warn-line);
  border-left-width: .4rem; border-radius: .25rem; padding: .6rem .9rem; margin: .75rem 0; }
figure { margin: 1rem 0; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 12px; font-family: inherit; }
svg .grid { stroke: var(--line); }
svg .axis { stroke: var(--ink); }
svg .expected { stroke: var(--mark); stroke-dasharray: 6 4; }
svg .data { fill: var(--data); }
svg .stems { stroke: var(--data); stroke-width: 3; fill: none; }
summary { cursor: pointer; color: var(--soft); }
@media (max-width: 40rem) { .facts th { width: 8rem; } }
@page { margin: 16mm 14mm; }
@media print {
  :root { color-scheme: light;
    --page: #ffffff; --ink: #000000; --soft: #444444; --line: #bbbbbb; --panel: #ffffff;
    --data: #2f6db0; --mark: #8a2a0b; --mark-back: #f6e7e0; --good: #14532d;
    --warn: #3d2d00; --warn-back: #ffffff; --warn-line: #000000; }
  html { font-size: 9.5pt; }
  body { max-width: none; padding: 0; }
  h2 { margin-top: 1.5rem; }
  .source + .source { break-before: page; }
  section:not(.source) { break-inside: avoid; }
  h2, h3, caption, thead { break-after: avoid; }
  tr, figure, table:not(.facts), .result, .warning { break-inside: avoid; }
  .table { overflow: visible; }
  summary { list-style: none; margin-top: .75rem; }
  details::details-content { content-visibility: visible; height: auto; }
}
)css";

std::string html(std::string_view text) {
  std::string out;
  for (const char character : escaped(text)) {
    switch (character) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\'':
      out += "&#39;";
      break;
    default:
      out += character;
    }
  }
  return out;
}

// The figure for people, with all its digits for programs.
std::string data(double value, const char *format = "%.6f") {
  return "<data value=\"" + shortest(value) + "\">" + decimal(value, format) + "</data>";
}

std::string rate(double per_second) {
  constexpr std::array<const char *, 4> prefixes{"", "k", "M", "G"};
  std::size_t prefix = 0;
  for (; prefix + 1 < prefixes.size() && per_second >= 999.5; ++prefix)
    per_second /= 1000;
  return decimal(per_second, "%.3g") + " " + prefixes[prefix];
}

std::string duration(double seconds) {
  if (seconds < 1e-3)
    return decimal(seconds * 1e6, "%.3g") + " µs";
  return seconds < 1 ? decimal(seconds * 1e3, "%.3g") + " ms" : decimal(seconds, "%.3g") + " s";
}

std::string bits_in_words(unsigned bits) {
  return std::to_string(bits) + (bits == 1 ? " bit" : " bits");
}

std::string number_cell(const std::string &content) {
  return "<td class=\"number\">" + content + "</td>";
}

std::string verdict_cell(Verdict verdict) {
  return verdict == Verdict::pass   ? "<td class=\"pass\">pass</td>"
         : verdict == Verdict::fail ? "<td class=\"fail\">FAIL</td>"
                                    : "<td></td>";
}

std::string warning(const std::string &content) {
  return "<p class=\"warning\"><strong>Warning:</strong> " + content + "</p>\n";
}

std::string in_table(const std::string &kind, const std::string &content) {
  return "<div class=\"table\"><table" + (kind.empty() ? "" : " class=\"" + kind + "\"") + ">\n" + content +
         "</table></div>\n";
}

// `value` is HTML.
std::string fact(const std::string &name, const std::string &value) {
  return "<tr><th scope=\"row\">" + name + "</th><td>" + value + "</td></tr>\n";
}

std::string nature_in_words(const SourceReport &source) {
  const std::string &nature = source.nature;
  if (nature.empty())
    return "nobody says: neither whether these are raw samples, nor of what";
  return nature == "os"          ? "output of the operating system's generator"
         : nature == "drbg"      ? "output of a deterministic generator"
         : nature == "hardware"  ? "conditioned output of a device"
         : nature == "raw-noise" ? "raw samples of a noise source"
         : nature == "replay"    ? "bytes recorded earlier"
                                 : html(nature);
}

std::string name_in_words(const std::string &name) {
  constexpr std::array<std::pair<std::string_view, const char *>, 16> names{
      {{"t_tuple", "t-tuple"},
       {"lrs", "longest repeated substring (LRS)"},
       {"multi_mcw", "MultiMCW prediction"},
       {"multi_mmc", "MultiMMC prediction"},
       {"lag", "lag prediction"},
       {"lz78y", "LZ78Y prediction"},
       {"markov", "Markov"},
       {"bitstring", "bit string"},
       {"h_original", "H_original"},
       {"h_bitstring", "H_bitstring"},
       {"literal", "samples"},
       {"x_cutoff", "X_cutoff"},
       {"x_max", "X_max"},
       {"h_i", "H_I"},
       {"h_r", "H_r"},
       {"h_c", "H_c"}}};
  const auto known = std::ranges::find(names, name, [](const auto &each) { return each.first; });
  return known == names.end() ? html(in_words(name)) : known->second;
}

// --- an assessment

struct Groups {
  std::vector<std::string> tests, estimates;
};
Groups groups_by_kind(const Assessment &result) {
  Groups groups;
  for (const std::string &group : groups_of(result)) {
    const bool has_verdict = std::ranges::any_of(
        result.rows, [&](const AssessmentRow &row) { return row.group == group && row.verdict != Verdict::none; });
    (has_verdict ? groups.tests : groups.estimates).push_back(group);
  }
  return groups;
}

std::string estimates_table(const AssessmentReport &report, const std::vector<std::string> &groups) {
  const auto of_bits = [&](const std::string &group) { return group == "bitstring" && report.input.bits > 1; };
  const bool marked =
      std::ranges::any_of(report.result.rows, [&](const AssessmentRow &row) { return is_limiting(row, report); });
  std::string table = std::string("<caption>Min-entropy by each estimator, in bits.") +
                      (marked ? " The lowest is marked." : "") +
                      "</caption>\n<thead><tr><th scope=\"col\">estimator</th>";
  for (const std::string &group : groups) {
    table += "<th scope=\"col\" class=\"number\">" + name_in_words(group) +
             (of_bits(group) ? ", a bit</th><th scope=\"col\" class=\"number\">times " +
                                   std::to_string(report.input.bits) + ", a sample</th>"
                             : ", a sample</th>");
  }
  table += std::string(marked ? "<td></td>" : "") + "</tr></thead>\n<tbody>\n";
  std::vector<std::string> names;
  for (const AssessmentRow &row : report.result.rows)
    if (std::ranges::find(groups, row.group) != groups.end() && std::ranges::find(names, row.name) == names.end())
      names.push_back(row.name);
  for (const std::string &name : names) {
    std::string cells;
    bool limiting = false;
    for (const std::string &group : groups) {
      const AssessmentRow *row = find_row(report.result, group, name);
      const bool there = row != nullptr && row->value;
      const bool lowest = there && is_limiting(*row, report);
      limiting = limiting || lowest;
      cells += number_cell(there ? data(*row->value) : "–");
      if (of_bits(group))
        cells += number_cell(there ? data(*row->value * report.input.bits) : "–");
    }
    table += std::string("<tr") + (limiting ? " class=\"limiting\"" : "") + "><th scope=\"row\">" +
             name_in_words(name) + "</th>" + cells +
             (limiting ? "<td class=\"lowest\">the lowest</td>"
              : marked ? "<td></td>"
                       : "") +
             "</tr>\n";
  }
  return in_table("", table + "</tbody>");
}

std::string tests_table(const Assessment &result, const std::vector<std::string> &groups) {
  std::string table = "<thead><tr><th scope=\"col\">test</th><th scope=\"col\" class=\"number\">statistic</th>"
                      "<th scope=\"col\">verdict</th></tr></thead>\n<tbody>\n";
  for (const std::string &group : groups)
    for (const AssessmentRow &row : result.rows)
      if (row.group == group)
        table += "<tr><th scope=\"row\">" + html(in_words(group)) + ": " + html(in_words(row.name)) + "</th>" +
                 number_cell(row.value ? data(*row.value, "%.10g") : "–") + verdict_cell(row.verdict) + "</tr>\n";
  return in_table("", table + "</tbody>");
}

std::string details_of(const Assessment &result) {
  std::string table;
  for (const AssessmentRow &row : result.rows) {
    if (row.details.empty() && row.note.empty())
      continue;
    std::string values;
    for (const NamedValue &detail : row.details)
      values += (values.empty() ? "" : ", ") + html(detail.name) + " = " + data(detail.value, "%.10g");
    if (!row.note.empty())
      values += (values.empty() ? "" : "; ") + html(row.note);
    table += fact(html(in_words(row.group)) + ", " + html(in_words(row.name)), values);
  }
  if (table.empty())
    return {};
  return "<details class=\"small\"><summary>Intermediate values, by the publication's names</summary>\n" +
         in_table("facts", "<tbody>\n" + table + "</tbody>") + "</details>\n";
}

std::string figures_of(const AssessmentReport &report) {
  std::string rows;
  for (const NamedValue &one : report.result.figures)
    rows += fact(name_in_words(one.name), data(one.value, one.name.starts_with("h_") ? "%.6f" : "%.10g"));
  return rows.empty() ? "" : in_table("facts", "<tbody>\n" + rows + "</tbody>");
}

std::string assessment_part(const AssessmentReport &report) {
  const Groups groups = groups_by_kind(report.result);
  std::string page;
  if (!groups.tests.empty())
    page += tests_table(report.result, groups.tests);
  if (!groups.estimates.empty())
    page += estimates_table(report, groups.estimates);
  return page + figures_of(report) + details_of(report.result);
}

// --- the parts of a source

std::string limiting_in_words(const SourceReport &source) {
  if (!source.min_entropy())
    return {};
  if (source.limited_by_restart())
    return std::string("the ") + (figure(source.restart->result, "h_r") == source.min_entropy() ? "rows" : "columns") +
           " of the restart data";
  if (source.limited_by_claim())
    return "what is claimed";
  const AssessmentReport &report = source.assessment;
  for (const AssessmentRow &row : report.result.rows)
    if (is_limiting(row, report))
      return name_in_words(row.name) + " of the " + (row.group == "literal" ? "samples" : name_in_words(row.group));
  return {};
}

std::string result_box(const SourceReport &source) {
  const unsigned bits = source.assessment.input.bits;
  std::string box = "<div class=\"result\">\n";
  if (const auto min_entropy = source.min_entropy()) {
    box += "<p><strong>" + data(*min_entropy) + "</strong> bits of min-entropy a sample of " + bits_in_words(bits) +
           " (assessed)</p>\n";
    if (const std::string lowest = limiting_in_words(source); !lowest.empty())
      box += "<p>Limited by: <span class=\"lowest\">" + lowest + "</span></p>\n";
  } else if (source.restart_failed()) {
    box += "<p class=\"fail\">There is no min-entropy: the restart test was failed.</p>\n";
  } else {
    box += "<p class=\"fail\">There is no min-entropy: the samples failed the tests of the track “" +
           html(source.assessment.procedure) + "”.</p>\n";
  }
  if (const auto per_second = source.assessed_bits_per_second())
    box += "<p>" + rate(*per_second) + "bit/s of assessed min-entropy, as fast as the samples were drawn</p>\n";
  return box + "</div>\n";
}

std::string digest_fact(const SamplesInput &input) {
  return fact("SHA-256 of the samples", input.sha256 ? "<span class=\"mono\">" + *input.sha256 + "</span>"
                                                     : "not computed: there is no digest plugin");
}

// What lies beside a recording.
std::string description_of(const SamplesInput &input) {
  if (!input.provenance)
    return "<p>The recording has no description (<bdi class=\"mono\">" + html(input.name) +
           ".json</bdi>): where it comes from is not known.</p>\n";
  const Provenance &provenance = *input.provenance;
  std::string page = "<p>As <bdi class=\"mono\">" + html(provenance.file) +
                     "</bdi> has it; nothing of it was checked but the SHA-256" +
                     (!provenance.sha256       ? ", which it does not have"
                      : input.digest_differs() ? ", which is another"
                                               : "") +
                     ".</p>\n";
  std::string rows;
  for (const auto &[name, value] : provenance.facts)
    rows += fact(html(name), html(value));
  return page + (rows.empty() ? "" : in_table("facts", "<tbody>\n" + rows + "</tbody>"));
}

std::string warnings_of(const SourceReport &source) {
  std::string page;
  for (const std::string &one : source.assessment.result.warnings)
    page += warning(html(one) + ".");
  if (source.restart_failed())
    page += warning(html(restart_failure) + ".");
  if (source.restart) {
    for (const std::string &one : source.restart->result.warnings)
      page += warning(html(source.restart->input.name + ": " + one) + ".");
  }
  if (const std::string alarms = source.assessment.input.alarms.in_words(); !alarms.empty())
    page += warning("while the samples were drawn, " + alarms + ".");
  return page;
}

std::string samples_part(const SourceReport &source) {
  const AssessmentReport &assessment = source.assessment;
  const SamplesInput &input = assessment.input;
  std::string rows =
      fact(input.from_source ? "Random source" : "Recording", "<bdi class=\"mono\">" + html(input.name) + "</bdi>");
  if (!source.summary.empty())
    rows += fact("It says of itself", html(source.summary));
  rows += fact("Nature", nature_in_words(source));
  rows += fact("Samples", grouped(input.count) + " of " + bits_in_words(input.bits) + ", " +
                              grouped(assessment.result.symbols) +
                              (assessment.result.symbols == 1 ? " value" : " different values"));
  rows += digest_fact(input);
  rows += fact("Assessed by", html(assessment.assessment) + ", track " + html(assessment.procedure) +
                                  (assessment.conditioned ? ", as a conditioned dataset" : ""));
  if (source.claim)
    rows += fact("Claimed", data(*source.claim) + " bits a sample");
  if (assessment.seed)
    rows += fact("Seed of the permutations", std::to_string(*assessment.seed));
  return "<h3>What was assessed</h3>\n" + in_table("facts", "<tbody>\n" + rows + "</tbody>");
}

std::string health_part(const SourceReport &source) {
  std::string page = "<h3>Cutoffs for the continuous health tests</h3>\n";
  if (source.health_cutoffs.empty())
    return page + (source.min_entropy().value_or(0) > 0
                       ? "<p>There are none: they are for noise, and this is the output of a generator.</p>\n"
                       : "<p>There are none: they follow from a min-entropy above 0.</p>\n");
  std::string table =
      "<caption>SP 800-90B section 4.4, for the min-entropy above; α is the chance of a false alarm. "
      "A source that claims less has higher cutoffs.</caption>\n<thead><tr><th scope=\"col\">α</th>"
      "<th scope=\"col\" class=\"number\">repetition count</th><th scope=\"col\" class=\"number\">adaptive "
      "proportion</th><th scope=\"col\" class=\"number\">window</th><td></td></tr></thead>\n"
      "<tbody>\n";
  for (const HealthCutoffs &cutoffs : source.health_cutoffs)
    table += "<tr><th scope=\"row\">2<sup>−" + std::to_string(cutoffs.alpha_exponent) + "</sup>" +
             (cutoffs.alpha_exponent == usual_alpha_exponent ? " (usual)" : "") + "</th>" +
             number_cell(grouped(cutoffs.repetition)) + number_cell(grouped(cutoffs.proportion)) +
             number_cell(grouped(cutoffs.window)) + "<td>" +
             (cutoffs.proportion_can_fail() ? "" : "the adaptive proportion test cannot fail") + "</td></tr>\n";
  return page + in_table("", table + "</tbody>");
}

std::string restart_part(const SourceReport &source) {
  std::string page = "<h3>Restart test</h3>\n";
  if (!source.restart)
    return page + "<p>" + html(source.no_restart) + "</p>\n";
  const AssessmentReport &restart = *source.restart;
  if (const auto initial = source.initial_estimate())
    page += "<p>Held against an initial estimate of " + data(*initial) + " bits a sample" +
            (source.claim && *initial == *source.claim ? ", which is what is claimed" : "") + ".</p>\n";
  page += "<p>1,000 samples after each of 1,000 restarts, from <bdi class=\"mono\">" + html(restart.input.name) +
          "</bdi> (SP 800-90B section 3.1.4): " +
          (restart.result.verdict == Verdict::pass ? "<span class=\"pass\">passed</span>"
                                                   : "<span class=\"fail\">FAILED</span>");
  if (restart.result.min_entropy)
    page += ", min-entropy " + data(*restart.result.min_entropy) + " bits a sample";
  page += "</p>\n" + in_table("facts", "<tbody>\n" + digest_fact(restart.input) + "</tbody>");
  return page + assessment_part(restart) + "<h4>Provenance of the restart data</h4>\n" + description_of(restart.input);
}

std::string speed_part(const SourceReport &source) {
  std::string page = "<h3>Throughput and latency</h3>\n";
  const auto &times = source.assessment.input.times;
  const auto per_second = source.samples_per_second();
  if (!times || !per_second)
    return page + "<p>Not measured: the samples come from a recording.</p>\n";
  std::string rows = fact("Throughput", rate(*per_second) + "samples/s, " +
                                            rate(*per_second * source.assessment.input.bits) + "bit/s");
  if (const auto bits = source.assessed_bits_per_second())
    rows += fact("Assessed min-entropy", rate(*bits) + "bit/s");
  rows += fact("From opening to the end of the first request", duration(times->first));
  if (!times->requests.empty())
    rows += fact("A request of " + grouped(times->samples_of_a_request) + " samples",
                 duration(percentile(times->requests, 0.5)) + " (median), " +
                     duration(percentile(times->requests, 0.99)) + " (99th percentile), " +
                     duration(percentile(times->requests, 1)) + " (longest) of " + grouped(times->requests.size()));
  return page + in_table("facts", "<tbody>\n" + rows + "</tbody>") +
         "<p class=\"soft small\">Measured in passing, while the samples were drawn, on a machine that may have had "
         "other work. "
         "Other sizes of requests were not measured: “ntpkeygen entropy bench” does that.</p>\n";
}

std::string pictures_part(const SourceReport &source) {
  const std::uint64_t samples = source.assessment.input.count;
  std::string page = "<h3>Pictures</h3>\n<figure>\n" + histogram_svg(source.statistics, samples) +
                     "<figcaption class=\"small\">Histogram.</figcaption>\n</figure>\n";
  const std::string autocorrelation = autocorrelation_svg(source.statistics, samples);
  return page + (autocorrelation.empty() ? "<p>There is no autocorrelation: all samples are the same.</p>\n"
                                         : "<figure>\n" + autocorrelation +
                                               "<figcaption class=\"small\">Autocorrelation of the samples, "
                                               "taken as numbers.</figcaption>\n</figure>\n");
}

std::string provenance_part(const SourceReport &source) {
  std::string page = "<h3>Provenance</h3>\n";
  const SamplesInput &input = source.assessment.input;
  if (input.from_source)
    return page + "<p>Drawn for this report, one after another, from one opening of the source.</p>\n";
  return page + description_of(input);
}

std::string source_section(const SourceReport &source, std::size_t number) {
  return "<section class=\"source\" id=\"source-" + std::to_string(number) + "\">\n<h2><bdi>" +
         html(source.assessment.input.name) + "</bdi></h2>\n" + warnings_of(source) + result_box(source) +
         samples_part(source) + "<h3>Estimates</h3>\n" + assessment_part(source.assessment) + restart_part(source) +
         health_part(source) + speed_part(source) + pictures_part(source) + provenance_part(source) + "</section>\n";
}

std::string overview(const EntropyReport &report) {
  std::string table =
      "<thead><tr><th scope=\"col\">source</th><th scope=\"col\">nature</th><th scope=\"col\" "
      "class=\"number\">samples</th><th scope=\"col\" class=\"number\">min-entropy, a sample</th><th "
      "scope=\"col\">limited by</th><th scope=\"col\" class=\"number\">assessed</th></tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < report.sources.size(); ++i) {
    const SourceReport &source = report.sources[i];
    const AssessmentReport &assessment = source.assessment;
    const auto rate_of_bits = source.assessed_bits_per_second();
    table +=
        "<tr><th scope=\"row\"><a href=\"#source-" + std::to_string(i + 1) + "\"><bdi>" + html(assessment.input.name) +
        "</bdi></a></th><td>" + (source.nature.empty() ? "not known" : nature_in_words(source)) +
        (caution_about(source.nature).empty() ? "" : " <strong>(its figures say nothing about noise)</strong>") +
        "</td>" + number_cell(grouped(assessment.input.count)) +
        number_cell(source.min_entropy() ? data(*source.min_entropy()) + " of " + std::to_string(assessment.input.bits)
                                         : "none") +
        "<td>" + limiting_in_words(source) + "</td>" + number_cell(rate_of_bits ? rate(*rate_of_bits) + "bit/s" : "–") +
        "</tr>\n";
  }
  return in_table("", table + "</tbody>");
}

std::string limits_section(const EntropyReport &report) {
  const bool restart =
      std::ranges::any_of(report.sources, [](const auto &source) { return source.restart.has_value(); });
  return std::string(
             "<section>\n<h2>What these numbers cannot show</h2>\n<ul>\n"
             "<li>A low estimate is evidence against a source. A high one is no evidence for it: statistics cannot "
             "tell noise "
             "from the output of a good deterministic generator (AES-CTR over zeros, with a key that everybody knows, "
             "is "
             "assessed at more than 7 bits a byte). Only raw samples, before any conditioning, can be assessed.</li>\n"
             "<li>They hold for these samples: not for another device, temperature, supply voltage or age, nor for an "
             "attacker who influences the source.</li>\n"
             "<li>They are no model of the source. SP 800-90B section 3.2.2 asks for a justification of its entropy "
             "from its "
             "design, and for the lower of that claim and these figures; AIS 20/31 asks for a stochastic model.</li>\n"
             "<li>Nobody checked that the samples are consecutive, complete and what they are said to be.</li>\n") +
         (restart
              ? "<li>SP 800-90B means restarts of the whole source, as when its device is switched on. A recording by "
                "“ntpkeygen entropy record --restarts” opens the source anew instead, in one process: what a real "
                "start does to it is for those who hand in this report to say.</li>\n"
              : "<li>Without a restart test, nothing is known of the samples right after a start, when keys are "
                "often made.</li>\n") +
         "<li>Times were taken in passing and are no benchmark.</li>\n</ul>\n</section>\n";
}

std::string machine_section(const EntropyReport &report) {
  std::string rows = fact("Date", html(report.date)) + fact("Program", "ntpkeygen " + html(report.version)) +
                     fact("Compiled by", html(report.compiler)) + fact("Kernel", html(report.machine.kernel)) +
                     fact("Processor", html(report.machine.cpu)) + fact("Threads", std::to_string(report.threads));
  return "<section>\n<h2>How this report was made</h2>\n" + in_table("facts", "<tbody>\n" + rows + "</tbody>") +
         "<p class=\"small soft\">Every figure of an assessment has all its digits in the page's source (the elements "
         "“data”) and with “--json”, which has the times, too. Processor and kernel are those of the assessment; "
         "recordings may come from "
         "elsewhere.</p>\n</section>\n";
}

} // namespace

std::string report_html(const EntropyReport &report) {
  const std::string title = report.sources.size() == 1
                                ? "Entropy assessment of " + html(report.sources.front().assessment.input.name)
                                : "Entropy assessment of " + std::to_string(report.sources.size()) + " sources";
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"generator\" content=\"ntpkeygen " +
      html(report.version) + "\">\n<title>" + title + "</title>\n<style>" + std::string(style) +
      "</style>\n</head>\n<body>\n<header>\n<h1>Entropy assessment</h1>\n<p class=\"soft\">by the procedures "
      "of NIST SP 800-90B · " +
      html(report.date) + " · ntpkeygen " + html(report.version) + "</p>\n</header>\n<main>\n";
  if (report.sources.size() > 1)
    page += overview(report);
  for (std::size_t i = 0; i < report.sources.size(); ++i)
    page += source_section(report.sources[i], i + 1);
  return page + limits_section(report) + machine_section(report) + "</main>\n</body>\n</html>\n";
}

} // namespace ntpkeygen::cli
