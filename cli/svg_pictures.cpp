#include "cli/svg_pictures.hpp"

#include "cli/assessment_report.hpp"

#include <algorithm>
#include <cmath>

namespace ntpkeygen::cli {
namespace {

constexpr double width = 720, height = 230, left = 64, right = 12, top = 14, bottom = 42;
constexpr double plot_width = width - left - right, plot_height = height - top - bottom;

std::string number(double value) {
  return decimal(value, "%.4g");
}
std::string place(double value) {
  return decimal(value, "%.2f");
}

// 1, 2 or 5 times a power of ten, so that about four of them fit.
double step_of(double range) {
  const double rough = range / 4, power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough)
      return factor * power;
  return 10 * power;
}

std::string text(double x, double y, const char *anchor, const std::string &words) {
  return "<text x=\"" + place(x) + "\" y=\"" + place(y) + "\" text-anchor=\"" + anchor + "\">" + words + "</text>\n";
}

std::string line(const char *kind, double x1, double y1, double x2, double y2) {
  return std::string("<line class=\"") + kind + "\" x1=\"" + place(x1) + "\" y1=\"" + place(y1) + "\" x2=\"" +
         place(x2) + "\" y2=\"" + place(y2) + "\"/>\n";
}

class Picture {
public:
  Picture(const std::string &title, double low, double high) : low_(low), high_(high) {
    svg_ += "<svg viewBox=\"0 0 " + number(width) + " " + number(height) + "\" role=\"img\" aria-label=\"" + title +
            "\">\n";
    const double step = step_of(high - low);
    for (double at = std::ceil(low / step) * step; at <= high + step / 1000; at += step) {
      svg_ += line("grid", left, y(at), width - right, y(at));
      svg_ += text(left - 6, y(at) + 4, "end", number(std::fabs(at) < step / 1000 ? 0 : at));
    }
  }
  [[nodiscard]] double y(double value) const { return top + plot_height * (high_ - value) / (high_ - low_); }
  void add(const std::string &element) { svg_ += element; }
  void label_axis(double x, const std::string &words) { svg_ += text(x, height - bottom + 16, "middle", words); }
  [[nodiscard]] std::string finished(const std::string &words_below) {
    return svg_ + text(left + plot_width / 2, height - 6, "middle", words_below) + "</svg>\n";
  }

private:
  std::string svg_;
  double low_, high_;
};

} // namespace

std::string histogram_svg(const SampleStatistics &statistics, std::uint64_t samples) {
  const auto &histogram = statistics.histogram;
  const auto n = static_cast<double>(samples), values = static_cast<double>(histogram.size());
  const double most = static_cast<double>(*std::ranges::max_element(histogram)) / n;
  Picture picture("histogram of the samples", 0, most * 1.08);
  const double each = plot_width / values, gap = std::min(each / 5, 12.0);
  std::string path;
  for (std::size_t value = 0; value < histogram.size(); ++value) {
    if (histogram[value] == 0)
      continue;
    const double y = picture.y(static_cast<double>(histogram[value]) / n);
    path += "M" + place(left + each * static_cast<double>(value) + gap / 2) + " " + place(picture.y(0)) + "V" +
            place(y) + "h" + place(each - gap) + "V" + place(picture.y(0)) + "z";
  }
  picture.add("<path class=\"data\" d=\"" + path + "\"/>\n");
  picture.add(line("expected", left, picture.y(1 / values), width - right, picture.y(1 / values)));
  picture.add(line("axis", left, picture.y(0), width - right, picture.y(0)));
  const std::size_t step = std::max<std::size_t>(histogram.size() / 8, 1);
  for (std::size_t value = 0; value < histogram.size(); value += step)
    picture.label_axis(left + each * (static_cast<double>(value) + 0.5), std::to_string(value));
  if (histogram.size() > 8)
    picture.label_axis(left + each * (values - 0.5), std::to_string(histogram.size() - 1));
  return picture.finished("value of a sample (height: its share of the samples; dashed: 1/" +
                          std::to_string(histogram.size()) + ")");
}

std::string autocorrelation_svg(const SampleStatistics &statistics, std::uint64_t samples) {
  const auto &values = statistics.autocorrelation;
  if (values.empty())
    return {};
  const double band = 2.5758 / std::sqrt(static_cast<double>(samples)); // the middle 99 % of a normal distribution
  const auto [least, most] = std::ranges::minmax_element(values);
  const double low = std::min(*least, -band) * 1.1, high = std::max(*most, band) * 1.1;
  Picture picture("autocorrelation of the samples", low, high);
  const double each = plot_width / static_cast<double>(values.size());
  std::string path;
  for (std::size_t i = 0; i < values.size(); ++i)
    path += "M" + place(left + each * (static_cast<double>(i) + 0.5)) + " " + place(picture.y(0)) + "V" +
            place(picture.y(values[i]));
  picture.add("<path class=\"stems\" d=\"" + path + "\"/>\n");
  for (const double edge : {-band, band})
    picture.add(line("expected", left, picture.y(edge), width - right, picture.y(edge)));
  picture.add(line("axis", left, picture.y(0), width - right, picture.y(0)));
  for (std::size_t lag = 10; lag <= values.size(); lag += 10)
    picture.label_axis(left + each * (static_cast<double>(lag) - 0.5), std::to_string(lag));
  return picture.finished("lag (dashed: 99 of 100 lags are within, if the samples are independent)");
}

} // namespace ntpkeygen::cli
