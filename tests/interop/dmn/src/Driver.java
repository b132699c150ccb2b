import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.kie.api.io.Resource;
import org.kie.dmn.api.core.DMNContext;
import org.kie.dmn.api.core.DMNDecisionResult;
import org.kie.dmn.api.core.DMNMessage;
import org.kie.dmn.api.core.DMNModel;
import org.kie.dmn.api.core.DMNResult;
import org.kie.dmn.api.core.DMNRuntime;
import org.kie.dmn.core.internal.utils.DMNRuntimeBuilder;
import org.kie.dmn.validation.DMNValidator;
import org.kie.dmn.validation.DMNValidator.Validation;
import org.kie.dmn.validation.DMNValidatorFactory;
import org.kie.internal.io.ResourceFactory;

/**
 * Runs an emitted DMN model in the engine of Apache KIE.
 *
 * <p>{@code Driver validate FILE} says what the validation of KIE finds, with its analysis of decision tables: a line for each message.
 *
 * <p>{@code Driver ask FILE} reads lines from standard input: the paths of the inputs, the names of the decisions, then a line for each
 * case, all with tabs between. A value is {@code ?} if it is unknown, else a letter and a text: {@code B} a Boolean, {@code M} a member,
 * {@code N} a number, {@code D} a date, {@code S} a set with {@code |} behind each member. It answers a line for each case: for each
 * decision {@code null}, or status, value and rules with {@code ;} between.
 *
 * <p>{@code Driver why FILE} is the same, and says on standard error what the engine has to say of each case.
 */
public final class Driver {
    public static void main(String[] args) throws Exception {
        File file = new File(args[1]);
        if (args[0].equals("validate")) {
            validate(file);
        } else {
            ask(file, args[0].equals("why"));
        }
    }

    private static void validate(File file) {
        DMNValidator validator = DMNValidatorFactory.newValidator();
        List<DMNMessage> messages =
                validator.validate(
                        file,
                        Validation.VALIDATE_SCHEMA,
                        Validation.VALIDATE_MODEL,
                        Validation.VALIDATE_COMPILATION,
                        Validation.ANALYZE_DECISION_TABLE);
        for (DMNMessage message : messages) {
            String text = message.getText().replaceAll("\\s+", " ");
            System.out.println(message.getLevel() + "\t" + message.getMessageType() + "\t" + text);
        }
    }

    private static void ask(File file, boolean why) throws Exception {
        Resource resource = ResourceFactory.newFileResource(file);
        DMNRuntime runtime =
                DMNRuntimeBuilder.fromDefaults()
                        .buildConfiguration()
                        .fromResources(List.of(resource))
                        .getOrElseThrow(RuntimeException::new);
        DMNModel model = runtime.getModels().get(0);
        if (model.hasErrors()) {
            throw new IllegalStateException(model.getMessages().toString());
        }
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String[] inputs = in.readLine().split("\t");
        String[] decisions = in.readLine().split("\t");
        List<String> cases = in.lines().filter(line -> !line.isEmpty()).collect(Collectors.toList());
        List<String> answers =
                (why ? cases.stream() : cases.parallelStream())
                        .map(line -> answer(runtime, model, inputs, decisions, line, why))
                        .collect(Collectors.toList());
        PrintWriter out =
                new PrintWriter(new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8)));
        answers.forEach(out::println);
        out.flush();
    }

    private static String answer(
            DMNRuntime runtime, DMNModel model, String[] inputs, String[] decisions, String line, boolean why) {
        String[] values = line.split("\t");
        Map<String, Object> tree = new TreeMap<>();
        for (int input = 0; input < inputs.length; input++) {
            put(tree, inputs[input].split("\\."), value(values[input]));
        }
        DMNContext context = runtime.newContext();
        tree.forEach(context::set);
        DMNResult result = runtime.evaluateAll(model, context);
        if (why) {
            result.getMessages().forEach(message -> System.err.println(message.getLevel() + " " + message.getText()));
        }
        List<String> answers = new ArrayList<>();
        for (String decision : decisions) {
            DMNDecisionResult one = result.getDecisionResultByName(decision);
            if (one == null) {
                throw new IllegalStateException("no decision " + decision);
            }
            answers.add(answer(one.getResult()));
        }
        return String.join("\t", answers);
    }

    @SuppressWarnings("unchecked")
    private static void put(Map<String, Object> tree, String[] path, Object value) {
        for (int at = 0; at + 1 < path.length; at++) {
            tree = (Map<String, Object>) tree.computeIfAbsent(path[at], name -> new TreeMap<String, Object>());
        }
        tree.put(path[path.length - 1], value);
    }

    private static Object value(String text) {
        String rest = text.substring(1);
        switch (text.charAt(0)) {
            case '?':
                return null;
            case 'B':
                return Boolean.valueOf(rest);
            case 'M':
                return rest;
            case 'N':
                return new BigDecimal(rest);
            case 'D':
                return LocalDate.parse(rest);
            case 'S':
                return rest.isEmpty() ? List.of() : Arrays.asList(rest.split("\\|"));
            default:
                throw new IllegalArgumentException(text);
        }
    }

    private static String answer(Object result) {
        if (result == null) {
            return "null";
        }
        Map<?, ?> map = (Map<?, ?>) result;
        String values = map.containsKey("values") ? text(map.get("values")) : "";
        return map.get("status") + ";" + text(map.get("value")) + ";" + text(map.get("rules")) + ";" + values;
    }

    private static String text(Object value) {
        if (value instanceof List) {
            return ((List<?>) value).stream().map(Driver::text).collect(Collectors.joining("|"));
        }
        if (value instanceof BigDecimal) {
            BigDecimal number = (BigDecimal) value;
            return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
        }
        return String.valueOf(value);
    }
}
