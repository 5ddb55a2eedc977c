import java.io.File;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.Arrays;

import org.deidentifier.arx.ARXAnonymizer;
import org.deidentifier.arx.ARXConfiguration;
import org.deidentifier.arx.ARXConfiguration.AnonymizationAlgorithm;
import org.deidentifier.arx.ARXResult;
import org.deidentifier.arx.AttributeType.Hierarchy;
import org.deidentifier.arx.Data;
import org.deidentifier.arx.criteria.KAnonymity;
import org.deidentifier.arx.metric.Metric;
import org.deidentifier.arx.metric.Metric.AggregateFunction;

/**
 * Runs ARX's optimal search on FOLDER/table.csv with the hierarchies FOLDER/0.csv, 1.csv ... and prints
 * the least CPU seconds of some repeats: java -cp JAR:. ArxSearch FOLDER K LIMIT REPEATS COLUMN...
 */
public class ArxSearch {
  public static void main(String[] args) throws Exception {
    String folder = args[0];
    int k = Integer.parseInt(args[1]);
    double limit = Double.parseDouble(args[2]);
    int repeats = Integer.parseInt(args[3]);
    String[] columns = Arrays.copyOfRange(args, 4, args.length);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    double least = Double.POSITIVE_INFINITY;
    String levels = "";
    String score = "";
    for (int repeat = 0; repeat < repeats; repeat++) {
      Data data = Data.create(new File(folder, "table.csv"), StandardCharsets.UTF_8, ';');
      for (int place = 0; place < columns.length; place++) {
        File file = new File(folder, place + ".csv");
        data.getDefinition()
            .setAttributeType(columns[place], Hierarchy.create(file, StandardCharsets.UTF_8, ';'));
      }
      data.getHandle();
      ARXConfiguration config = ARXConfiguration.create();
      config.addPrivacyModel(new KAnonymity(k));
      config.setSuppressionLimit(limit);
      config.setAlgorithm(AnonymizationAlgorithm.OPTIMAL);
      config.setHeuristicSearchThreshold(Integer.MAX_VALUE);
      config.setQualityModel(Metric.createLossMetric(0.5d, AggregateFunction.ARITHMETIC_MEAN));
      long before = threads.getCurrentThreadCpuTime();
      ARXResult result = new ARXAnonymizer().anonymize(data, config);
      least = Math.min(least, (threads.getCurrentThreadCpuTime() - before) / 1e9);
      levels = Arrays.toString(result.getGlobalOptimum().getTransformation());
      score = result.getGlobalOptimum().getHighestScore().toString();
    }
    System.out.println(
        "{\"cpu\": " + least + ", \"peak\": " + peak() + ", \"levels\": " + levels
            + ", \"score\": \"" + score + "\"}");
  }

  /** The process's peak resident memory in MB. */
  private static long peak() throws Exception {
    for (String line : Files.readAllLines(Paths.get("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
      }
    }
    return -1;
  }
}
