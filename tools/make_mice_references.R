# Write the references in tests/imputation/pooling/mice/: completed tables, and what mice pools of them.
#
#     Rscript tools/make_mice_references.R
#
# Needs R with mice 3.15 (S. van Buuren, K. Groothuis-Oudshoorn, J. Stat. Softw. 45(3), 1, 2011) and
# mitml 0.4, which mice calls for D1. The tables are those that come with mice (nhanes, nhanes2,
# mammalsleep), completed by its default methods. Every number is written with 17 digits. The tests
# read these files and do not need R.

suppressPackageStartupMessages(library(mice))
stopifnot(packageVersion("mice") >= "3.15.0", packageVersion("mice") < "3.16.0")
folder <- file.path("tests", "imputation", "pooling", "mice")
dir.create(folder, showWarnings = FALSE, recursive = TRUE)

write_table <- function(frame, name) {
  numbers <- vapply(frame, is.numeric, logical(1))
  frame[numbers] <- lapply(frame[numbers], function(v) sprintf("%.17g", v))
  write.csv(frame, file.path(folder, name), row.names = FALSE, quote = FALSE)
}

completed <- function(imputed, columns) {
  long <- complete(imputed, "long")
  cbind(imputation = long$.imp, long[columns])
}

pooled <- function(fits) {
  table <- summary(pool(fits), type = "all", conf.int = TRUE)
  names(table) <- sub("2.5 %", "lower", sub("97.5 %", "upper", names(table), fixed = TRUE),
                      fixed = TRUE)
  table
}

# --- completed tables -------------------------------------------------------------------------
nhanes_imputed <- mice(nhanes, m = 20, seed = 1, printFlag = FALSE)
nhanes2_imputed <- mice(nhanes2, m = 20, seed = 2, printFlag = FALSE)
sleep <- transform(mammalsleep[c("bw", "brw", "sws", "ps", "odi")], bw = log(bw), brw = log(brw))
sleep_imputed <- mice(sleep, m = 10, seed = 3, printFlag = FALSE)
write_table(completed(nhanes_imputed, names(nhanes)), "nhanes.csv")
write_table(completed(nhanes2_imputed, c("bmi", "hyp", "chl")), "nhanes2.csv")
write_table(completed(sleep_imputed, names(sleep)), "mammalsleep.csv")

# --- pooled coefficients ----------------------------------------------------------------------
# Until the deviance stays the same to the last digit.
exact <- glm.control(epsilon = 1e-300, maxit = 100)
fits <- list(
  cholesterol = with(nhanes_imputed, lm(chl ~ age + bmi)),
  body_mass = with(nhanes_imputed, lm(bmi ~ age + hyp + chl)),
  hypertension = suppressWarnings( # that the last digit of a deviance goes on changing
    with(nhanes2_imputed, glm(hyp ~ bmi + chl, family = binomial, control = exact))
  ),
  sleep = with(sleep_imputed, lm(sws ~ bw + odi)),
  brain = with(sleep_imputed, lm(brw ~ bw)) # without holes: nothing between the imputations
)
pooled_tables <- lapply(names(fits), function(name) cbind(analysis = name, pooled(fits[[name]])))
write_table(do.call(rbind, pooled_tables), "pooled.csv")

# The same with the degrees of freedom of an endless table.
endless <- summary(pool(fits$cholesterol, dfcom = Inf), type = "all")
write_table(cbind(analysis = "cholesterol", endless), "pooled_endless.csv")

# --- one number at a time ---------------------------------------------------------------------
set.seed(4)
scalars <- list(
  ordinary = list(Q = rnorm(8, 3, 0.5), U = rchisq(8, 20) / 80, n = Inf, k = 1),
  finite = list(Q = rnorm(8, 3, 0.5), U = rchisq(8, 20) / 80, n = 30, k = 4),
  two = list(Q = c(1.25, 1.75), U = c(0.5, 0.25), n = 50, k = 2),
  hardly_missing = list(Q = 2 + 1e-4 * rnorm(5), U = rep(0.3, 5), n = 100, k = 2),
  hardly_known = list(Q = rnorm(30, 0, 10), U = rchisq(30, 3) / 30, n = 100, k = 2)
)
inputs <- do.call(rbind, lapply(names(scalars), function(name) {
  with(scalars[[name]], data.frame(case = name, estimate = Q, variance = U))
}))
write_table(inputs, "scalar_inputs.csv")
results <- do.call(rbind, lapply(names(scalars), function(name) {
  r <- with(scalars[[name]], pool.scalar(Q, U, n = n, k = k))
  data.frame(case = name, dfcom = scalars[[name]]$n - scalars[[name]]$k, qbar = r$qbar,
             ubar = r$ubar, b = r$b, t = r$t, df = r$df, r = r$r, fmi = r$fmi)
}))
write_table(results, "scalar_pooled.csv")

# --- shares of explained variance -------------------------------------------------------------
r_squared <- do.call(rbind, lapply(c("cholesterol", "body_mass", "sleep"), function(name) {
  each <- lapply(getfit(fits[[name]]), function(fit) summary(fit))
  both <- rbind(pool.r.squared(fits[[name]]), pool.r.squared(fits[[name]], adjusted = TRUE))
  colnames(both) <- c("estimate", "lower", "upper", "fmi")
  data.frame(analysis = name, adjusted = c("no", "yes"), both)
}))
write_table(r_squared, "r_squared.csv")

# --- several coefficients at once -------------------------------------------------------------
row_of_test <- function(name, terms, test, dfcom, m) {
  data.frame(analysis = name, terms = terms, m = m, dfcom = dfcom, F = test[1], df1 = test[2],
             df2 = test[3], p = test[4], riv = test[5])
}
d1 <- function(name, terms, smaller) {
  result <- D1(fits[[name]], smaller)
  row_of_test(name, terms, result$result, result$dfcom, result$m)
}
endless_test <- function(name, terms, smaller, m) {
  larger <- getfit(fits[[name]])[1:m]
  result <- mitml::testModels(larger, getfit(smaller)[1:m], method = "D1")
  row_of_test(name, terms, result$test, Inf, m)
}
only_hyp <- with(nhanes_imputed, lm(bmi ~ hyp))
constant <- with(nhanes_imputed, lm(chl ~ 1))
only_age <- with(nhanes_imputed, lm(chl ~ age))
no_risk <- suppressWarnings(
  with(nhanes2_imputed, glm(hyp ~ 1, family = binomial, control = exact))
)
tests <- rbind(
  d1("body_mass", "age chl", only_hyp),
  d1("cholesterol", "age bmi", constant),
  d1("cholesterol", "bmi", only_age),
  d1("hypertension", "bmi chl", no_risk),
  d1("sleep", "bw odi", with(sleep_imputed, lm(sws ~ 1))),
  endless_test("cholesterol", "age bmi", constant, 20),
  endless_test("cholesterol", "age bmi", constant, 3),
  endless_test("cholesterol", "bmi", only_age, 3)
)
write_table(tests, "d1.csv")

writeLines(c(
  paste("R", getRversion()), paste("mice", packageVersion("mice")),
  paste("mitml", packageVersion("mitml"))
), file.path(folder, "versions.txt"))
